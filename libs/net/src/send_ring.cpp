#include "send_ring.hpp"

#include <liburing.h>
#include <sys/socket.h>

#include <cerrno>

#include "sockets.hpp"

namespace ticker::net {

struct SendRing::Ring {
  ~Ring() { io_uring_queue_exit(&uring); }
  io_uring uring;
};

std::unique_ptr<SendRing> SendRing::open(std::string& refusal) {
  io_uring uring;
  // No flags: those for one thread's own ring, and registered descriptors, saved nothing
  // measurable.
  if (const int result = io_uring_queue_init(kEntries, &uring, 0); result < 0) {
    refusal = "io_uring_setup: " + errno_text(-result);
    return nullptr;
  }
  std::unique_ptr<SendRing> ring(new SendRing);
  ring->ring_.reset(new Ring{uring});
  const std::unique_ptr<io_uring_probe, decltype(&io_uring_free_probe)> probe(
      io_uring_get_probe_ring(&ring->ring_->uring), &io_uring_free_probe);
  if (!probe || !io_uring_opcode_supported(probe.get(), IORING_OP_SEND)) {
    refusal = "this kernel's io_uring cannot send";
    return nullptr;
  }
  return ring;
}

SendRing::~SendRing() = default;

char* SendRing::room(std::size_t size) {
  if (count_ == kEntries || kBufferBytes - used_ < size) {
    flush();
  }
  return buffer_.data() + used_;
}

void SendRing::send(int fd, std::size_t size, Sender& sender) {
  entries_[count_] = {&sender, fd, {buffer_.data() + used_, size}};
  if (working()) {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_->uring);
    io_uring_prep_send(sqe, fd, buffer_.data() + used_, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    sqe->user_data = count_;
  }
  used_ += size;
  ++count_;
}

// How many, from the first on, the kernel was handed.
std::size_t SendRing::submit() {
  std::size_t submitted = 0;
  while (submitted < count_ && working()) {
    const int result = io_uring_submit(&ring_->uring);
    if (result > 0) {
      submitted += static_cast<std::size_t>(result);
    } else if (result != -EINTR) {
      // What it has not taken stays in its queue, so that nothing can be submitted any more.
      working_.store(false, std::memory_order_relaxed);
    }
  }
  return submitted;
}

void SendRing::flush() {
  const std::size_t submitted = submit();
  for (std::size_t answered = 0; answered < submitted;) {
    io_uring_cqe* cqe = nullptr;
    if (io_uring_wait_cqe(&ring_->uring, &cqe) != 0) {
      continue;  // interrupted
    }
    const Entry& entry = entries_[cqe->user_data];
    const int result = cqe->res;
    io_uring_cqe_seen(&ring_->uring, cqe);
    ++answered;
    entry.sender->on_sent(entry.frame, io_of(result));
  }
  for (std::size_t i = submitted; i < count_; ++i) {
    const Entry& entry = entries_[i];
    const ssize_t result =
        ::send(entry.fd, entry.frame.data(), entry.frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    entry.sender->on_sent(entry.frame, io_of(or_errno(result)));
  }
  count_ = 0;
  used_ = 0;
}

}  // namespace ticker::net
