#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/market/feed_status.hpp>
#include <ticker/market/instrument.hpp>
#include <ticker/protocol/message.hpp>

namespace ticker::protocol {

// Bodies of the HTTP interface; always JSON.

// `/v1/tickers` is head, entries of json_encoder() with its separator between them, tail.
void append_tickers_head(std::string& out, std::string_view epoch, market::Version version);
void append_tickers_tail(std::string& out, const std::vector<Rejected>& rejected);

// `/v1/symbols`, in the order given.
std::string symbols_body(const std::vector<const market::Instrument*>& instruments);

struct FeedInfo {
  market::FeedStatus status;
  Timestamp last_message = kNoTime;  // kNoTime: none yet
  std::uint64_t symbols = 0;
  std::uint64_t stale = 0;  // of them
};
std::string feeds_body(const std::vector<FeedInfo>& feeds);

// `{"error":{"code":…,"message":…}}`; `code` is an error code's name or one of HTTP's own, as
// `not_found`.
std::string error_body(std::string_view code, std::string_view message);

}  // namespace ticker::protocol
