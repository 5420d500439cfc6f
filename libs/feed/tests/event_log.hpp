#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/feed/adapter.hpp>

#include "message_bytes.hpp"

namespace ticker::feed {

// A sink that writes down what comes, one line an event, in words that a test can state:
//   `ticker BTCUSDT bid=1.5 bid_size=null @1700000000000000`, `trade BTCUSDT #17 1.5 x 2 buy
//   sets=last,last_size missed=1 @…`, `notice refused X: why`, `rejected undecodable`, `skipped
//   control`.
class EventLog final : public Sink {
 public:
  // Knows `natives` only, or, without any, every name that is asked for.
  explicit EventLog(std::set<std::string, std::less<>> natives = {})
      : allowed_(std::move(natives)) {}

  std::optional<market::InstrumentId> find(std::string_view native) override {
    if (!allowed_.empty() && !allowed_.contains(native)) {
      return std::nullopt;
    }
    for (std::size_t id = 0; id < names_.size(); ++id) {
      if (names_[id] == native) {
        return static_cast<market::InstrumentId>(id);
      }
    }
    names_.emplace_back(native);
    return static_cast<market::InstrumentId>(names_.size() - 1);
  }

  void ticker(const market::Update& update) override {
    std::string line = "ticker " + names_.at(update.instrument);
    for (const market::Field field : update.values.present()) {
      line.append(" ").append(market::field_name(field)) += '=';
      line += update.values.null().has(field) ? "null"
              : field == market::Field::kLastSide
                  ? std::string(market::side_name(update.values.side()))
                  : update.values.decimal(field).text();
    }
    lines_.push_back(line + time(update.exchange_time));
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    std::string line = "trade " + names_.at(trade.instrument) + " #" +
                       std::string(trade.id.text()) + ' ' + trade.price.text() + " x " +
                       trade.size.text() + ' ' + std::string(market::side_name(trade.side)) +
                       " sets=";
    for (const market::Field field : sets) {
      line.append(line.ends_with('=') ? "" : ",").append(market::field_name(field));
    }
    if (trade.missed_before != 0) {
      line += " missed=" + std::to_string(trade.missed_before);
    }
    lines_.push_back(line + time(trade.exchange_time));
  }

  void notice(const Notice& notice) override {
    static constexpr std::string_view kKinds[] = {"subscribed",  "refused",   "planned_close",
                                                  "unavailable", "available", "error",
                                                  "sequence_gap", "ready",     "answer",
                                                  "ask_again"};
    std::string line = "notice " + std::string(kKinds[static_cast<std::size_t>(notice.kind)]);
    line.append(notice.native.empty() ? "" : " ").append(notice.native);
    line.append(notice.text.empty() ? "" : ": ").append(notice.text);
    lines_.push_back(line);
  }

  void rejected(Rejected reason) override {
    lines_.push_back("rejected " + std::string(reason_name(reason)));
  }
  void skipped(Skipped reason) override {
    lines_.push_back("skipped " + std::string(reason_name(reason)));
  }

  // What came since the last call.
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  static std::string time(Timestamp time) {
    return time == kNoTime ? "" : " @" + std::to_string(to_us(time));
  }

  std::set<std::string, std::less<>> allowed_;
  std::vector<std::string> names_;
  std::vector<std::string> lines_;
};

// Counts, and keeps nothing.
class CountingSink final : public Sink {
 public:
  std::optional<market::InstrumentId> find(std::string_view native) override {
    return native.size() > 64 ? std::nullopt : std::optional<market::InstrumentId>(0);
  }
  void ticker(const market::Update&) override { ++events; }
  void trade(const market::Trade&, market::FieldSet) override { ++events; }
  void notice(const Notice&) override {}
  void rejected(Rejected) override { ++outcomes; }
  void skipped(Skipped) override { ++outcomes; }

  std::uint64_t events = 0;
  std::uint64_t outcomes = 0;
};

// An adapter and what it makes of messages.
class Decoded {
 public:
  using Lines = std::vector<std::string>;

  explicit Decoded(std::string_view kind, Adapter::Options options = {},
                   std::set<std::string, std::less<>> natives = {})
      : adapter_(make_adapter(kind, options).value()), log_(std::move(natives)) {}

  // `later`: than the test's beginning.
  Lines operator()(std::string_view message, std::chrono::seconds later = {}) {
    MessageBytes bytes(message);
    adapter_->decode(bytes.data(), bytes.size(), from_us(1'700'000'000'000'000) + later, log_);
    return log_.take();
  }
  Adapter& adapter() { return *adapter_; }

 private:
  std::unique_ptr<Adapter> adapter_;
  EventLog log_;
};

}  // namespace ticker::feed
