#include "sender.hpp"

#include <liburing.h>
#include <sys/socket.h>

#include "sockets.hpp"

namespace ticker::load {
namespace {

class SendSender final : public Sender {
 public:
  void send(int fd, std::string_view frame) override {
    if (::send(fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL) !=
        static_cast<ssize_t>(frame.size())) {
      ++refused_;
    }
  }
  void flush() override {}
};

class UringSender final : public Sender {
 public:
  UringSender() {
    io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN;
    if (const int error = io_uring_queue_init_params(kEntries, &ring_, &parameters); error != 0) {
      errno = -error;
      fail("io_uring");
    }
  }
  ~UringSender() override { io_uring_queue_exit(&ring_); }

  void send(int fd, std::string_view frame) override {
    io_uring_sqe* entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) {
      flush();
      entry = io_uring_get_sqe(&ring_);
    }
    io_uring_prep_send(entry, fd, frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    io_uring_sqe_set_data64(entry, frame.size());
    ++pending_;
  }

  void flush() override {
    io_uring_submit_and_wait(&ring_, pending_);
    while (pending_ > 0) {
      io_uring_cqe* done = nullptr;
      unsigned head = 0;
      unsigned count = 0;
      io_uring_for_each_cqe(&ring_, head, done) {
        refused_ += done->res != static_cast<int>(io_uring_cqe_get_data64(done)) ? 1U : 0U;
        ++count;
      }
      io_uring_cq_advance(&ring_, count);
      pending_ -= count;
      if (pending_ > 0) {
        io_uring_wait_cqe(&ring_, &done);
      }
    }
  }

 private:
  static constexpr unsigned kEntries = 1024;  // the largest broadcast in one submission

  io_uring ring_{};
  unsigned pending_ = 0;
};

}  // namespace

std::unique_ptr<Sender> make_send_sender() { return std::make_unique<SendSender>(); }
std::unique_ptr<Sender> make_uring_sender() { return std::make_unique<UringSender>(); }

}  // namespace ticker::load
