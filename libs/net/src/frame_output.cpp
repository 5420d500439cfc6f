#include "frame_output.hpp"

#include <algorithm>

#include "sockets.hpp"

namespace ticker::net {
namespace {

// What one sendmsg is given; a message of more slices takes several.
constexpr std::size_t kSlicesAtOnce = 64;

std::size_t total_of(const iovec* slices, std::size_t count) {
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) {
    total += slices[i].iov_len;
  }
  return total;
}

}  // namespace

FrameOutput::Outcome FrameOutput::offer(WsCodec::Opcode opcode, const Slice* slices,
                                        std::size_t count) {
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    size += slices[i].size;
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
      waiting_ = true;
      stalled_since_ = std::chrono::steady_clock::now();
      stream_.want_write();
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
