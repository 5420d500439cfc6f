#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <ticker/venue_sim/session.hpp>

namespace ticker::venue_sim {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Texts = std::vector<std::string>;

inline const Timestamp kStart = from_us(1'700'000'000'000'000);

// A venue whose tape has a message each second, and one client.
class Venue {
 public:
  Venue(std::string kind, const Texts& messages, std::vector<Fault> faults = {},
        Timeline::Options options = {}, std::uint64_t seed = 0)
      : kind_(std::move(kind)), faults_(std::move(faults), seed), timeline_(tape_, options) {
    const auto reader = make_protocol(kind_);
    std::int64_t time = 0;
    for (const auto& message : messages) {
      tape_.add(time, message, reader.value()->topics(message));
      time += 1'000'000'000;
    }
  }

  std::unique_ptr<Session> connect(std::string_view target = "/") {
    auto session =
        std::make_unique<Session>(make_protocol(kind_).value(), tape_, timeline_, faults_);
    session->opened(target, now_);
    return session;
  }

  // What the client receives when so much time has passed.
  Texts after(Session& session, milliseconds time) {
    now_ += time;
    timeline_.advance(now_, session.caught_up());
    session.tick(now_);
    return drain(session);
  }

  Texts request(Session& session, std::string_view text) {
    session.request(text, now_);
    if (session.subscribed()) {
      timeline_.start(now_);
    }
    return drain(session);
  }

  Texts drain(Session& session) {
    Texts texts;
    while (const auto step = session.next(now_)) {
      switch (step->kind) {
        case Session::Step::Kind::kSend:
          texts.emplace_back(step->text);
          break;
        case Session::Step::Kind::kSendHalf:
          texts.emplace_back("<half>");
          break;
        case Session::Step::Kind::kCut:
          texts.emplace_back("<cut>");
          break;
        case Session::Step::Kind::kReset:
          texts.emplace_back("<reset>");
          break;
        case Session::Step::Kind::kClose:
          texts.push_back("<close " + std::to_string(step->code) + ">");
          break;
        case Session::Step::Kind::kHush:
          texts.emplace_back("<hush>");
          break;
      }
      session.sent(now_);
    }
    return texts;
  }

 private:
  std::string kind_;
  Tape tape_;
  Faults faults_;
  Timeline timeline_;
  Timestamp now_ = kStart;
};

inline const std::string kQuote =
    R"({"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"4"}})";
inline const std::string kQuote2 =
    R"({"stream":"btcusdt@bookTicker","data":{"u":2,"s":"BTCUSDT","b":"1","B":"2","a":"3","A":"5"}})";
inline const std::string kTrade =
    R"({"stream":"btcusdt@trade","data":{"e":"trade","s":"BTCUSDT","t":7,"p":"1","q":"2"}})";
inline const std::string kDepth = R"({"lastUpdateId":50093239218,"bids":[]})";
inline constexpr const char* kSubscribeQuotes =
    R"({"method":"SUBSCRIBE","params":["btcusdt@bookTicker"],"id":7})";

}  // namespace ticker::venue_sim
