#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <ticker/feed/json_description.hpp>

#include "wire_tap.hpp"

namespace ticker::ingest {

// The answers to one request of a polled feed on their way into its recording, where they are a
// connection's messages: it opens with the first, and ends when the request fails. Ingest thread only.
class AnswerTap {
 public:
  // `recorder` outlives it. `asked`: the native name that an answer is about; empty: it says itself.
  AnswerTap(recording::Recorder& recorder, std::string url, std::string asked)
      : tap_(&recorder, &leader_), url_(std::move(url)), asked_(std::move(asked)) {}
  AnswerTap(const AnswerTap&) = delete;
  AnswerTap& operator=(const AnswerTap&) = delete;
  ~AnswerTap() { failed("not wanted any more"); }

  // `body`: empty if nothing has changed.
  void answered(std::string_view body) {
    if (!std::exchange(is_open_, true)) {
      tap_.connected(url_);
    }
    const auto text = feed::polled_answer(asked_, body);
    tap_.received(recording::Recorder::now_ns(), text.data(), text.size(), true);
  }
  void failed(std::string_view why) {
    is_open_ = false;
    tap_.disconnected(why);
  }

 private:
  RecordedLeader leader_;
  WireTap tap_;
  const std::string url_;
  const std::string asked_;
  bool is_open_ = false;
};

}  // namespace ticker::ingest
