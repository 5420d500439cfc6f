#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <ticker/feed/adapter.hpp>
#include <ticker/feed/sink.hpp>

#include "given_trades.hpp"

namespace ticker::ingest {

// Two connections that serve the same instruments for a while, made one: the old one leads, and
// what the next one says is kept. Only when nothing comes from the old one any more is it known
// what of that is new: then it is read once more, behind the old one's guards. Pure; ingest thread
// only.
class Handover {
 public:
  // Bytes of messages kept; past it the next connection has to take over, whoever is ready, or what
  // is kept to be forgotten.
  static constexpr std::size_t kMostKept = std::size_t{16} << 20;

  // `instruments`: how many the connections serve.
  explicit Handover(std::size_t instruments) : instruments_(instruments) {}

  // Messages of both, as Adapter::decode().
  void decode_old(feed::Adapter& adapter, char* message, std::size_t size, Timestamp received,
                  feed::Sink& sink);
  void decode_next(feed::Adapter& adapter, char* message, std::size_t size, Timestamp received,
                   feed::Sink& sink);

  // Of each instrument, the next connection has given a ticker, and a trade that the old one gave
  // too (or the one after): nothing can come from the old one that does not come from the next.
  bool is_complete() const { return complete_ == instruments_; }
  bool is_full() const { return is_full_; }
  std::size_t kept_bytes() const { return text_.size(); }
  // Data has come over the next connection.
  bool next_has_spoken() const { return next_has_spoken_; }
  // The same, over the old one, since the call.
  void expect_old() { old_has_spoken_ = false; }
  bool old_has_spoken() const { return old_has_spoken_; }

  // What the next connection said so far is left to the old one, which is about to say it too: all
  // but the values of instruments that the old one has given no ticker of.
  void forget();
  // The next connection is made anew.
  void restart();
  // The next connection takes over: gives `sink` what the old one did not. `overlapped` as in
  // Adapter::take_over().
  void finish(feed::Adapter& old, feed::Adapter& next, bool overlapped, feed::Sink& sink);

  // The connection that took over is behind the one before it: trades which that one gave, and
  // nothing but their content can tell, are left out. Until is_over(), after finish().
  void decode_late(feed::Adapter& adapter, char* message, std::size_t size, Timestamp received,
                   feed::Sink& sink);
  bool is_over(Timestamp now) const { return given_.empty() || now > late_until_; }

 private:
  class OldSink;
  class NextSink;
  class NewTradesSink;
  class LateSink;

  // So far behind the old connection the next one may be.
  static constexpr std::chrono::seconds kMostBehind{30};

  // A ticker as its content, a hash: both connections give the same ones.
  struct Ticker {
    std::uint64_t number;  // of its message, among those of both
    std::size_t content;
  };
  // By so many tickers of an instrument the next connection may be behind and is still understood.
  static constexpr std::size_t kRemembered = 32;
  // The tickers of one instrument that follow on one another: its quotes, or what comes without one.
  using TickersKey = std::uint64_t;
  struct Tickers {
    std::array<std::size_t, kRemembered> old{};  // contents of the old connection's latest, a ring
    std::size_t old_count = 0;
    Timestamp old_time = kNoTime;    // of its latest
    std::vector<Ticker> next;        // of the next one, which the old one has not given yet
    std::uint64_t next_last = 0;     // the message that gave the latest of them
    std::uint64_t met = 0;           // the next one's latest message whose ticker the old one gave too
  };
  // All tickers of one instrument, one over the other.
  struct Merged {
    std::string native;  // empty: there was none yet
    market::Update update;
    market::FieldSet of_trades;  // what the old connection's trades tell is not older than these
  };
  struct Spoken {
    bool has_next_ticker = false;
    // Ids, where they are numbers.
    std::optional<std::uint64_t> old_trade;   // the old connection's last
    std::optional<std::uint64_t> next_trade;  // the next one's first
    bool is_complete = false;
  };
  struct Kept {
    std::size_t begin;
    std::size_t size;
    Timestamp received;
    std::uint64_t number;  // among the messages of both
    std::optional<TickersKey> ticker_of;  // its only content is one of these, …
    Timestamp exchange_time;              // … with this time
  };
  static TickersKey key_of(const market::Update& update);
  static TickersKey key_of(market::InstrumentId instrument, bool is_quote);
  void old_gave(const market::Update& update);
  void old_gave(market::InstrumentId instrument, market::FieldSet of_trade);
  void next_gave(const market::Update& update, const std::string& native);
  void check(Spoken& spoken);
  bool is_outdated(TickersKey key, std::uint64_t number, Timestamp exchange_time) const;
  bool is_outdated(const Kept& kept) const;
  bool is_day_outdated(const market::Update& update) const;
  void drop_outdated();

  const std::size_t instruments_;
  std::unordered_map<market::InstrumentId, Spoken> spoken_;
  std::unordered_map<TickersKey, Tickers> tickers_;
  // The next connection's, of instruments that the old one gives nothing of: they may be new, and
  // the first message be all that the venue says for long. nullopt: the old one gave a ticker.
  std::unordered_map<market::InstrumentId, std::optional<Merged>> merged_;
  std::size_t complete_ = 0;
  std::uint64_t messages_ = 0;  // of both
  bool old_has_spoken_ = false;
  bool next_has_spoken_ = false;
  std::string text_;  // messages of the next connection with data, each with a byte behind it
  std::vector<Kept> kept_;
  bool is_full_ = false;
  bool has_forgotten_ = false;
  GivenTrades given_;  // by the old connection, and not by the next one as far as was read
  Timestamp old_heard_ = kNoTime;  // its latest message
  Timestamp late_until_ = kNoTime;
};

}  // namespace ticker::ingest
