#include "send_ring.hpp"

#include <sys/socket.h>

#include "sockets.hpp"

namespace ticker::net {

char* SendRing::room(std::size_t size) {
  if (count_ == kEntries || kBufferBytes - used_ < size) {
    flush();
  }
  return buffer_.data() + used_;
}

void SendRing::send(int fd, std::size_t size, Sender& sender) {
  entries_[count_++] = {&sender, fd, {buffer_.data() + used_, size}};
  used_ += size;
}

void SendRing::flush() {
  for (std::size_t i = submit(); i < count_; ++i) {
    const Entry& entry = entries_[i];
    const ssize_t result =
        ::send(entry.fd, entry.frame.data(), entry.frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    entry.sender->on_sent(entry.frame, io_of(or_errno(result)));
  }
  count_ = 0;
  used_ = 0;
}

}  // namespace ticker::net
