#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <ticker/recording/recorder.hpp>

namespace ticker::ingest {

// What passes on one connection after another, on its way into the feed's recording; nothing is
// done where there is none. Ingest thread only.
class WireTap {
 public:
  // `recorder` outlives it; may be nullptr.
  explicit WireTap(recording::Recorder* recorder) : recorder_(recorder) {}

  void connected(std::string_view url) {
    if (recorder_ != nullptr) {
      connection_ = recorder_->next_connection();
      is_connected_ = true;
      record(recording::Recorder::now_ns(), recording::Kind::kConnected,
             recording::public_url(url));
    }
  }
  // Also of an attempt that did not get as far, which is none.
  void disconnected(std::string_view why) {
    if (std::exchange(is_connected_, false)) {
      record(recording::Recorder::now_ns(), recording::Kind::kDisconnected, why);
    }
  }
  void sent(std::string_view text) {
    if (recorder_ != nullptr) {
      record(recording::Recorder::now_ns(), recording::Kind::kSent, text);
    }
  }
  void received(std::int64_t receive_ns, const char* data, std::size_t size, bool is_text) {
    if (recorder_ != nullptr) {
      record(receive_ns, is_text ? recording::Kind::kReceived : recording::Kind::kReceivedBinary,
             {data, size});
    }
  }

 private:
  void record(std::int64_t ns, recording::Kind kind, std::string_view bytes) {
    recorder_->record({ns, kind, connection_, bytes});
  }

  recording::Recorder* const recorder_;
  std::uint32_t connection_ = 0;
  bool is_connected_ = false;
};

}  // namespace ticker::ingest
