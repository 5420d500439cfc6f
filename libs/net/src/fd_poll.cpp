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

int checked(int result) {
  if (result < 0) {
    throw std::system_error(errno, std::generic_category(), "epoll");
  }
  return result;
}

}  // namespace

FdPoll::FdPoll() : fd_(checked(epoll_create1(EPOLL_CLOEXEC))) { ready_.reserve(kAtOnce); }

FdPoll::~FdPoll() { ::close(fd_); }

void FdPoll::change(int fd, Polled& owner, std::uint32_t before, std::uint32_t after) {
  epoll_event event{};
  event.events = after;
  event.data.ptr = &owner;
  const int operation = before == 0 ? EPOLL_CTL_ADD : after == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  checked(epoll_ctl(fd_, operation, fd, &event));
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
