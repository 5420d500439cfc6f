#include <ticker/testing/refusing_kernel.hpp>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace {

enum class Mode { kAllow, kRefuseOnce, kRefuse };

thread_local Mode mode = Mode::kAllow;
thread_local std::size_t budget = 0;

std::vector<iovec> first_bytes(const msghdr& message, std::size_t size) {
  std::vector<iovec> slices(message.msg_iov, message.msg_iov + message.msg_iovlen);
  for (iovec& slice : slices) {
    slice.iov_len = std::min(slice.iov_len, size);
    size -= slice.iov_len;
  }
  return slices;
}

}  // namespace

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  if (mode == Mode::kAllow) {
    return syscall(SYS_sendmsg, fd, message, flags);
  }
  if (budget == 0) {
    mode = mode == Mode::kRefuseOnce ? Mode::kAllow : mode;
    errno = EAGAIN;
    return -1;
  }
  std::vector<iovec> slices = first_bytes(*message, budget);
  msghdr part = *message;
  part.msg_iov = slices.data();
  const ssize_t sent = syscall(SYS_sendmsg, fd, &part, flags);
  budget -= sent > 0 ? static_cast<std::size_t>(sent) : 0;
  return sent;
}

namespace ticker::testing {

void refuse_after(std::size_t bytes) {
  mode = Mode::kRefuseOnce;
  budget = bytes;
}

void refuse_sending() {
  mode = Mode::kRefuse;
  budget = 0;
}

void allow_sending() { mode = Mode::kAllow; }

}  // namespace ticker::testing
