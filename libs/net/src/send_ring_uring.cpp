// What of a SendRing is io_uring's.
#include <liburing.h>
#include <sys/socket.h>

#include <cerrno>

#include "send_ring.hpp"
#include "sockets.hpp"

namespace ticker::net {
namespace {

// Attempts of one flush that the kernel may turn down for want of memory or of room for answers,
// before the ring is given up: some hundred microseconds.
constexpr int kMostRefusals = 100;

bool may_pass(int error) { return error == EINTR || error == EAGAIN || error == EBUSY; }

}  // namespace

struct SendRing::Ring {
  ~Ring() { io_uring_queue_exit(&uring); }
  io_uring uring;
};

SendRing::SendRing() = default;
SendRing::~SendRing() = default;

std::optional<std::string> SendRing::open() {
  io_uring uring;
  // No flags: those for one thread's own ring, and registered descriptors, saved nothing
  // measurable.
  if (const int result = io_uring_queue_init(kEntries, &uring, 0); result < 0) {
    return "io_uring_setup: " + errno_text(-result);
  }
  ring_.reset(new Ring{uring});
  const std::unique_ptr<io_uring_probe, decltype(&io_uring_free_probe)> probe(
      io_uring_get_probe_ring(&ring_->uring), &io_uring_free_probe);
  if (!probe || !io_uring_opcode_supported(probe.get(), IORING_OP_SEND)) {
    ring_.reset();
    return "this kernel's io_uring cannot send";
  }
  working_.store(true, std::memory_order_relaxed);
  return std::nullopt;
}

std::size_t SendRing::submit() {
  if (!working()) {
    return 0;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_->uring);
    const std::string_view frame = entries_[i].frame;
    io_uring_prep_send(sqe, entries_[i].fd, frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    sqe->user_data = i;
  }
  std::size_t submitted = 0;
  for (int refusals = 0; submitted < count_;) {
    const int result = io_uring_submit(&ring_->uring);
    if (result > 0) {
      submitted += static_cast<std::size_t>(result);
      answer(static_cast<std::size_t>(result));
      continue;
    }
    const int error = result == 0 ? EAGAIN : -result;
    if (!may_pass(error) || ++refusals == kMostRefusals) {
      // What it has not taken stays in its queue, so that nothing can be submitted any more.
      failure_ = error;
      working_.store(false, std::memory_order_relaxed);
      break;
    }
  }
  return submitted;
}

void SendRing::answer(std::size_t count) {
  while (count > 0) {
    io_uring_cqe* cqe = nullptr;
    if (io_uring_wait_cqe(&ring_->uring, &cqe) != 0) {
      continue;  // interrupted
    }
    const Entry& entry = entries_[cqe->user_data];
    const int result = cqe->res;
    io_uring_cqe_seen(&ring_->uring, cqe);
    --count;
    entry.sender->on_sent(entry.frame, io_of(result));
  }
}

}  // namespace ticker::net
