#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "stream.hpp"

namespace ticker::net {

// Sends to many sockets, handed to the kernel together through io_uring: a system call for many
// frames instead of one for each. A send never waits and never leaves the thread (MSG_DONTWAIT), so
// flush() returns with all of them answered. Loop thread only, but for working().
class SendRing {
 public:
  class Sender {
   public:
    // How the send of `frame` went; called by flush(), and must not call the ring.
    virtual void on_sent(std::string_view frame, const Io& io) = 0;

   protected:
    ~Sender() = default;
  };

  // Nothing where the kernel, a container's policy or the build has no io_uring; `refusal` is why.
  static std::unique_ptr<SendRing> open(std::string& refusal);
  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  // Frames are copied, which for short ones costs less than telling the kernel of their pieces. Of
  // long ones the system call is so small a part that they need no ring.
  static constexpr std::size_t kMostBytes = 8192;

  // Where to put the next frame together; flushes first if need be. Requires: size <= kMostBytes.
  char* room(std::size_t size);
  // Sends what stands in the latest room(). `sender` must stay until it was told, and `fd` open.
  void send(int fd, std::size_t size, Sender& sender);
  void flush();

  // False once the kernel refused what it had allowed before; sends go out one by one then. Any
  // thread.
  bool working() const { return working_.load(std::memory_order_relaxed); }

 private:
  struct Ring;
  struct Entry {
    Sender* sender;
    int fd;
    std::string_view frame;
  };
  // More at once saved nothing measurable, and the first frame waits for the last one's assembly.
  static constexpr std::size_t kEntries = 64;
  static constexpr std::size_t kBufferBytes = 65536;

  SendRing() = default;
  std::size_t submit();

  std::unique_ptr<Ring> ring_;
  std::array<Entry, kEntries> entries_;
  std::size_t count_ = 0;
  std::array<char, kBufferBytes> buffer_;
  std::size_t used_ = 0;
  std::atomic<bool> working_{true};
};

}  // namespace ticker::net
