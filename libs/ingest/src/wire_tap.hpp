#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <ticker/recording/recorder.hpp>

namespace ticker::ingest {

// The connection that serves a line, or did last, by its number in the recording; nullopt: none yet.
using RecordedLeader = std::optional<std::uint32_t>;

// What passes on one connection after another, on its way into the feed's recording; nothing is
// done where there is none. Ingest thread only.
class WireTap {
 public:
  // Both outlive it and may be nullptr: nothing is recorded; it is not known what it follows on.
  WireTap(recording::Recorder* recorder, RecordedLeader* leader)
      : recorder_(recorder), leader_(leader), leads_(leader != nullptr && !*leader) {}

  void connected(std::string_view url) {
    if (recorder_ != nullptr) {
      connection_ = recorder_->next_connection();
      is_connected_ = true;
      const auto after = leader_ == nullptr ? std::nullopt : *leader_;
      record(recording::Recorder::now_ns(), recording::Kind::kConnected,
             recording::connected_text(recording::public_url(url), after));
      lead();
    }
  }
  // From now on it serves in the place of the one that it came after.
  void took_over(bool overlapped) {
    leads_ = leader_ != nullptr;
    if (is_connected_) {
      record(recording::Recorder::now_ns(), recording::Kind::kTookOver,
             recording::took_over_text(overlapped));
      lead();
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
  void lead() {
    if (leads_) {
      *leader_ = connection_;
    }
  }
  void record(std::int64_t ns, recording::Kind kind, std::string_view bytes) {
    recorder_->record({ns, kind, connection_, bytes});
  }

  recording::Recorder* const recorder_;
  RecordedLeader* const leader_;
  bool leads_;  // it is the line's own; else the next one
  std::uint32_t connection_ = 0;
  bool is_connected_ = false;
};

}  // namespace ticker::ingest
