#include <ticker/protocol/http_body.hpp>

#include <utility>

#include <ticker/protocol/encoder.hpp>

#include "json_writer.hpp"

namespace ticker::protocol {
namespace {

template <typename Rows, typename Row>
std::string list_body(std::string_view name, const Rows& rows, Row&& row) {
  std::string out;
  JsonObject body(out);
  body.value(name) += '[';
  bool first = true;
  for (const auto& one : rows) {
    if (!std::exchange(first, false)) {
      out += ',';
    }
    JsonObject object(out);
    row(object, one);
    object.end();
  }
  out += ']';
  body.end();
  return out;
}

}  // namespace

void append_tickers_head(std::string& out, std::string_view epoch, market::Version version) {
  JsonObject(out).text("epoch", epoch).number("version", version).value("data") += '[';
}

void append_tickers_tail(std::string& out, const std::vector<Rejected>& rejected) {
  std::string members;
  JsonObject(members).rejected("rejected", rejected).end();
  members.front() = ',';  // instead of the brace: they go on the object that the head began
  out += ']';
  out += members;
}

std::string symbols_body(const std::vector<const market::Instrument*>& instruments) {
  return list_body("symbols", instruments,
                   [](JsonObject& object, const market::Instrument* instrument) {
                     object.text("symbol", instrument->symbol)
                         .text("native", instrument->native)
                         .text("venue", instrument->feed)
                         .text("base", instrument->base)
                         .text("quote", instrument->quote);
                   });
}

std::string feeds_body(const std::vector<FeedInfo>& feeds) {
  return list_body("feeds", feeds, [](JsonObject& object, const FeedInfo& info) {
    object.text("feed", info.status.feed)
        .text("adapter", info.status.adapter)
        .text("state", market::feed_state_name(info.status.state))
        .time("since_us", info.status.since);
    if (info.last_message == kNoTime) {
      object.raw("last_message_us", "null");
    } else {
      object.time("last_message_us", info.last_message);
    }
    object.text("reason", info.status.reason)
        .number("symbols", info.symbols)
        .number("stale", info.stale);
  });
}

std::string error_body(std::string_view code, std::string_view message) {
  std::string out;
  JsonObject body(out);
  JsonObject(body.value("error")).text("code", code).text("message", message).end();
  body.end();
  return out;
}

}  // namespace ticker::protocol
