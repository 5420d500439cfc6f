#include "fd_poll.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace ticker::net {
namespace {

// So many have their turn before other work of the loop.
constexpr std::size_t kAtOnce = 64;

int new_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  return fd;
}

}  // namespace

FdPoll::FdPoll() : fd_(new_epoll()) { ready_.reserve(kAtOnce); }

FdPoll::~FdPoll() { ::close(fd_); }

int FdPoll::change(int fd, Polled& owner, std::uint32_t before, std::uint32_t after) {
  epoll_event event{};
  event.events = after;
  event.data.ptr = &owner;
  int error = 0;
  if (after != 0) {
    const int operation = before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    error = epoll_ctl(fd_, operation, fd, &event) == 0 ? 0 : errno;
  }
  if (after == 0 || error != 0) {
    (void)epoll_ctl(fd_, EPOLL_CTL_DEL, fd, &event);
  }
  return error;
}

void FdPoll::take_ready() {
  std::array<epoll_event, kAtOnce> events;
  const int count = epoll_wait(fd_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    ready_.push_back({static_cast<Polled*>(event.data.ptr), event.events});
  }
}

void FdPoll::retire(std::shared_ptr<Polled> owner) {
  if (!ready_.empty()) {
    retired_.push_back(std::move(owner));
  }
}

}  // namespace ticker::net
