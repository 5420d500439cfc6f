#include "frame_output.hpp"

#include <algorithm>

#include "sockets.hpp"

namespace ticker::net {
namespace {

// What one sendmsg is given; a message of more slices takes several.
constexpr std::size_t kSlicesAtOnce = 64;
// A frame so short is put together before it is sent: the copy costs the kernel less than several
// slices do (150 bytes: 0.2 of 6 us).
constexpr std::size_t kCopied = 1024;

// `to` has room for kMaxFrameHeader more than the slices' total.
std::size_t put_frame(WsCodec::Opcode opcode, const Slice* slices, std::size_t count,
                      std::uint64_t total, char* to) {
  unsigned char header[kMaxFrameHeader];
  const std::size_t header_size = put_frame_header(opcode, total, header);
  char* end = std::copy(header, header + header_size, to);
  for (std::size_t i = 0; i < count; ++i) {
    end = std::copy(slices[i].data, slices[i].data + slices[i].size, end);
  }
  return static_cast<std::size_t>(end - to);
}

std::size_t total_of(const iovec* slices, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += slices[i].iov_len;
  }
  return total;
}

}  // namespace

std::uint64_t total_of(const Slice* slices, std::size_t count) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += slices[i].size;
  }
  return total;
}

FrameOutput::Outcome FrameOutput::offer(WsCodec::Opcode opcode, const Slice* slices,
                                        std::size_t count) {
  const std::uint64_t size = total_of(slices, count);
  if (size <= kCopied) {
    char frame[kMaxFrameHeader + kCopied];
    const std::size_t frame_size = put_frame(opcode, slices, count, size, frame);
    return send({frame, frame_size}, nullptr, 0, /*keep_whole=*/false);
  }
  unsigned char header[kMaxFrameHeader];
  const std::size_t header_size = put_frame_header(opcode, size, header);
  return send({header, header_size}, slices, count, /*keep_whole=*/false);
}

FrameOutput::Outcome FrameOutput::send(WsCodec::Opcode opcode, std::string_view payload) {
  unsigned char header[kMaxFrameHeader];
  const std::size_t header_size = put_frame_header(opcode, payload.size(), header);
  const Slice slice{payload.data(), payload.size()};
  return send({header, header_size}, &slice, 1, /*keep_whole=*/true);
}

FrameOutput::Outcome FrameOutput::send(std::string_view bytes) {
  return send({const_cast<char*>(bytes.data()), bytes.size()}, nullptr, 0, /*keep_whole=*/true);
}

FrameOutput::Outcome FrameOutput::send(std::string bytes, WsCodec::Opcode opcode,
                                       const Slice* slices, std::size_t count) {
  const std::size_t before = bytes.size();
  const std::uint64_t size = total_of(slices, count);
  bytes.resize(before + kMaxFrameHeader + size);
  bytes.resize(before + put_frame(opcode, slices, count, size, bytes.data() + before));
  return send(bytes);
}

FrameOutput::Outcome FrameOutput::send_last(WsCodec::Opcode opcode, std::string_view payload) {
  if (!waiting_) {
    return send(opcode, payload);
  }
  unsigned char header[kMaxFrameHeader];
  held_.append(reinterpret_cast<const char*>(header),
               put_frame_header(opcode, payload.size(), header));
  held_.append(payload);
  return Outcome::kKept;
}

FrameOutput::Outcome FrameOutput::send(iovec head, const Slice* slices, std::size_t count,
                                       bool keep_whole) {
  iovec vector[kSlicesAtOnce];
  vector[0] = head;
  std::size_t used = 1;
  std::size_t next = 0;
  bool any_taken = keep_whole;
  for (;;) {
    for (; used < kSlicesAtOnce && next < count; ++next) {
      vector[used++] = {const_cast<char*>(slices[next].data), slices[next].size};
    }
    const Io io = stream_.send(vector, used);
    if (io.status == Io::kFailed || io.status == Io::kEnd) {
      return broken(io);
    }
    sent_bytes_ += io.bytes;
    any_taken = any_taken || io.bytes > 0;
    if (io.bytes < total_of(vector, used) || stream_.waiting() > 0) {
      wait();
      if (!any_taken) {
        return Outcome::kBlocked;
      }
      hold_rest(vector, used, io.bytes);
      for (; next < count; ++next) {
        held_.append(slices[next].data, slices[next].size);
      }
      return Outcome::kKept;
    }
    if (next == count) {
      return Outcome::kTaken;
    }
    used = 0;
  }
}

void FrameOutput::wait() {
  waiting_ = true;
  stalled_since_ = std::chrono::steady_clock::now();
  stream_.want_write();
}

bool FrameOutput::queue(SendRing& ring, SendRing::Sender& owner, WsCodec::Opcode opcode,
                        const Slice* slices, std::size_t count) {
  const std::uint64_t size = total_of(slices, count);
  if (stream_.tls() != nullptr || size > SendRing::kMostBytes - kMaxFrameHeader) {
    return false;
  }
  char* frame = ring.room(kMaxFrameHeader + size);
  ring.send(stream_.fd(), put_frame(opcode, slices, count, size, frame), owner);
  return true;
}

FrameOutput::Outcome FrameOutput::sent(std::string_view frame, const Io& io) {
  if (io.status == Io::kFailed || io.status == Io::kEnd) {
    return broken(io);
  }
  sent_bytes_ += io.bytes;
  if (io.bytes == frame.size()) {
    return Outcome::kTaken;
  }
  wait();
  held_.append(frame.substr(io.bytes));
  return Outcome::kKept;
}

void FrameOutput::hold_rest(const iovec* slices, std::size_t count, std::size_t sent) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t skip = std::min(sent, slices[i].iov_len);
    held_.append(static_cast<const char*>(slices[i].iov_base) + skip, slices[i].iov_len - skip);
    sent -= skip;
  }
}

FrameOutput::Outcome FrameOutput::flush() {
  const std::size_t waited = stream_.waiting();
  Io io = stream_.flush();
  std::size_t gone = 0;
  while (io.status == Io::kOk && gone < held_.size()) {
    const iovec slice{held_.data() + gone, held_.size() - gone};
    io = stream_.send(&slice, 1);
    gone += io.bytes;
  }
  held_.erase(0, gone);
  sent_bytes_ += gone;
  if (io.status == Io::kFailed || io.status == Io::kEnd) {
    return broken(io);
  }
  waiting_ = !held_.empty() || stream_.waiting() > 0;
  if (!waiting_) {
    std::string().swap(held_);  // gives the memory back
    return Outcome::kTaken;
  }
  if (gone > 0 || stream_.waiting() < waited) {
    stalled_since_ = std::chrono::steady_clock::now();
  }
  stream_.want_write();
  return Outcome::kBlocked;
}

FrameOutput::Outcome FrameOutput::broken(const Io& io) {
  error_ = io.error;
  return Outcome::kBroken;
}

std::string FrameOutput::failure() const { return error_ == 0 ? "TLS broke" : errno_text(error_); }

}  // namespace ticker::net
