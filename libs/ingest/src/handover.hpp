#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <ticker/feed/adapter.hpp>
#include <ticker/feed/sink.hpp>

namespace ticker::ingest {

// Two connections that serve the same instruments for a while, made one: the old one leads, and
// what the next one says is kept. Only when nothing comes from the old one any more is it known
// what of that is new: then it is read once more, behind the old one's guards. Pure; ingest thread
// only.
class Handover {
 public:
  // Of messages kept; past it the next connection has to take over, whoever is ready.
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
  bool is_full() const { return text_.size() >= kMostKept; }
  // Data has come over the next connection.
  bool next_has_spoken() const { return next_has_spoken_; }
  // The same, over the old one, since the call.
  void expect_old() { old_has_spoken_ = false; }
  bool old_has_spoken() const { return old_has_spoken_; }

  // The next connection is made anew: what it said is forgotten.
  void restart();
  // The next connection takes over: gives `sink` what the old one did not. `overlapped` as in
  // Adapter::take_over().
  void finish(feed::Adapter& old, feed::Adapter& next, bool overlapped, feed::Sink& sink);

 private:
  class OldSink;
  class NextSink;
  class LateSink;

  struct Spoken {
    std::uint64_t old_ticker = 0;  // which message of both gave the old connection's last ticker
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
    // Its only content is a ticker of this instrument.
    std::optional<market::InstrumentId> ticker_of;
  };
  void check(Spoken& spoken);
  bool is_outdated(market::InstrumentId instrument, std::uint64_t number) const;
  void drop_outdated();

  const std::size_t instruments_;
  std::unordered_map<market::InstrumentId, Spoken> spoken_;
  std::size_t complete_ = 0;
  std::uint64_t messages_ = 0;  // of both
  bool old_has_spoken_ = false;
  bool next_has_spoken_ = false;
  std::string text_;  // messages of the next connection with data, each with a byte behind it
  std::vector<Kept> kept_;
};

}  // namespace ticker::ingest
