#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace ticker::load {

// How the floor's frames reach the kernel. A socket that does not take a whole frame at once has no
// second chance: it is counted, and the round does not count.
class Sender {
 public:
  virtual ~Sender() = default;

  // `frame` stays as it is until the flush.
  virtual void send(int fd, std::string_view frame) = 0;
  virtual void flush() = 0;

  std::uint64_t refused() const { return refused_; }

 protected:
  std::uint64_t refused_ = 0;
};

// One send() a frame.
std::unique_ptr<Sender> make_send_sender();

// All frames until the flush in one submission to io_uring.
std::unique_ptr<Sender> make_uring_sender();

}  // namespace ticker::load
