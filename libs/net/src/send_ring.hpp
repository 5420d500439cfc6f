#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "stream.hpp"

namespace ticker::net {

// Sends to many sockets, kept until they can go in one run: a tenth cheaper a frame than with the
// next one's assembly in between, which leaves a receiver the time to fall asleep and be woken anew.
// Through io_uring they also take one system call for many. A send never waits and never leaves the
// thread (MSG_DONTWAIT), so flush() returns with all of them answered. Loop thread only, but for
// working().
class SendRing {
 public:
  class Sender {
   public:
    // How the send of `frame` went; called by flush(), and must not call the ring.
    virtual void on_sent(std::string_view frame, const Io& io) = 0;

   protected:
    ~Sender() = default;
  };

  SendRing();
  ~SendRing();
  SendRing(const SendRing&) = delete;
  SendRing& operator=(const SendRing&) = delete;

  // Frames are copied, which for short ones costs less than telling the kernel of their pieces. Of
  // long ones the system call is so small a part that they need no ring.
  static constexpr std::size_t kMostBytes = 8192;

  // From now on through io_uring; else the answer is why not: the kernel, a container's policy or the
  // build has none.
  std::optional<std::string> open();

  // Where to put the next frame together; flushes first if need be. Requires: size <= kMostBytes.
  char* room(std::size_t size);
  // Sends what stands in the latest room(). `sender` must stay until it was told, and `fd` open.
  void send(int fd, std::size_t size, Sender& sender);
  void flush();

  // Through io_uring. False again once the kernel refused what it had allowed before; sends go out
  // one by one then. Any thread.
  bool working() const { return working_.load(std::memory_order_relaxed); }
  // The error that ended it; once, 0 otherwise.
  int take_failure() { return std::exchange(failure_, 0); }

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

  // Answers sends from the first on, as many as io_uring took.
  std::size_t submit();
  // Answers this many that io_uring took.
  void answer(std::size_t count);

  std::unique_ptr<Ring> ring_;
  std::array<Entry, kEntries> entries_;
  std::size_t count_ = 0;
  std::array<char, kBufferBytes> buffer_;
  std::size_t used_ = 0;
  std::atomic<bool> working_{false};
  int failure_ = 0;
};

}  // namespace ticker::net
