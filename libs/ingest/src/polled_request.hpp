#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/ingest/backoff.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/market/instrument.hpp>

#include "answer_tap.hpp"
#include "http_fetcher.hpp"
#include "poll_plan.hpp"

namespace ticker::ingest {

// One request of a polled feed, and what its last answer of use was. Ingest thread only.
struct PolledRequest {
  Poll poll;
  Backoff backoff;
  std::optional<HttpFetcher::Ticket> ticket = {};   // it is under way
  std::string etag = {};                            // these two as that answer had them
  std::string last_modified = {};
  std::vector<market::InstrumentId> brought = {};   // by that answer
  TimePoint last_good = {};
  bool is_silent = false;
  bool is_failing = false;  // the last answer was a fault of the venue's
  std::unique_ptr<AnswerTap> tap = {};  // nullptr: it is not recorded

  // As it is to be sent: only what is new since that answer is wanted.
  HttpFetcher::Request request(const FeedOptions& options) const;
  // The answer said something. One that did not must not be taken for unchanged later.
  void remember(HttpFetcher::Reply reply);
  void forget_answer();
  // The native name that its answers are about; empty: they say themselves.
  std::string_view asked() const {
    return poll.natives.size() == 1 ? std::string_view(poll.natives[0]) : std::string_view();
  }
  // Where it is recorded.
  void record(std::string_view body) {
    if (tap) {
      tap->answered(body);
    }
  }
  void record_failure(std::string_view why) {
    if (tap) {
      tap->failed(why);
    }
  }
};

// The venue does not have what this one request asks for: the others go on.
bool is_refusal(int status);
// The venue wants to be left alone.
bool is_overload(int status);

}  // namespace ticker::ingest
