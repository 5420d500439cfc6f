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

extern "C" ssize_t send(int fd, const void* data, std::size_t size, int flags) {
  iovec slice{const_cast<void*>(data), size};
  msghdr message{};
  message.msg_iov = &slice;
  message.msg_iovlen = 1;
  return sendmsg(fd, &message, flags);
}

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < message->msg_iovlen; ++i) {
    wanted += message->msg_iov[i].iov_len;
  }
  const auto size = ticker::testing::next_send(wanted);
  if (!size) {
    errno = EAGAIN;
    return -1;
  }
  if (*size == wanted) {
    return syscall(SYS_sendmsg, fd, message, flags);
  }
  std::vector<iovec> slices = first_bytes(*message, *size);
  msghdr part = *message;
  part.msg_iov = slices.data();
  return syscall(SYS_sendmsg, fd, &part, flags);
}

namespace ticker::testing {

void refuse_after(std::size_t bytes) {
  mode = Mode::kRefuseOnce;
  budget = bytes;
}

void refuse_sending(std::size_t after_bytes) {
  mode = Mode::kRefuse;
  budget = after_bytes;
}

std::optional<std::size_t> next_send(std::size_t wanted) {
  if (mode == Mode::kAllow) {
    return wanted;
  }
  if (budget == 0) {
    mode = mode == Mode::kRefuseOnce ? Mode::kAllow : mode;
    return std::nullopt;
  }
  const std::size_t size = std::min(wanted, budget);
  budget -= size;
  return size;
}

void allow_sending() { mode = Mode::kAllow; }

}  // namespace ticker::testing
