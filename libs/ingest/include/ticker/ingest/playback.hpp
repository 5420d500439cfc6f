#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/feed/sink.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/market/feed_status.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/market/update.hpp>

namespace ticker::ingest {

// Recordings, decoded one message after the other, several of them merged by receive time. Pure:
// what comes out follows from the files alone. It has no clock: whoever drives it says when the
// next message is due. One thread.
class Playback {
 public:
  // One recording. What is left out, its header must say.
  struct Track {
    std::string path;     // a file, or a folder of segments
    std::string feed;     // the venue part of its symbols; where the header does not say, the adapter
    std::string adapter;  // one of feed::adapter_kinds(), or one that the header describes
    // These and no others. Where the header names none either: every instrument that the recording
    // speaks of, under its native name, from its first message on.
    std::vector<FeedOptions::Symbol> symbols;

    friend bool operator==(const Track&, const Track&) = default;
  };
  // The market that is played into.
  class Target {
   public:
    using Stale = market::MarketState::Stale;

    // Again with the same symbol, where a recording is played again: gives the same id.
    virtual market::InstrumentId add(market::Instrument instrument) = 0;
    // kStays: the venue had said that it can't be trusted, and not yet that it can.
    virtual void apply(const market::Update& update, Stale stale) = 0;
    virtual void apply(const market::Trade& trade, market::FieldSet sets, Stale stale) = 0;
    virtual void mark_stale(market::InstrumentId id) = 0;
    // `since` is a time of the recording; kNoTime: its beginning.
    virtual void set_feed(market::FeedStatus status) = 0;
    // Each message that was received; then, what of it could not be used.
    virtual void received(std::size_t /*bytes*/) {}
    virtual void rejected(feed::Rejected /*reason*/) {}
    virtual void skipped(feed::Skipped /*reason*/) {}

   protected:
    ~Target() = default;
  };
  // Instruments that a recording may bring by itself, and connections that it may have open at
  // once; what speaks of more is refused.
  static constexpr std::size_t kMostInstruments = 100'000;
  static constexpr std::size_t kMostConnections = 1'000;

  // Adds the instruments that are known before anything is played. `target` must outlive it.
  static Result<Playback> open(const std::vector<Track>& tracks, Target& target);
  Playback(Playback&&) noexcept;
  Playback& operator=(Playback&&) noexcept;
  ~Playback();

  // The receive time of the message that is next, never before that of the last one; nullopt: the
  // end.
  std::optional<Timestamp> next() const;
  // Plays it. Requires: next().
  void play();
  // Everything is stale, and the feeds are down, at the time that play() came to.
  void end(std::string_view reason);

  // What could not be read: how often, and the first of it in words.
  std::size_t damages() const;
  const std::vector<std::string>& damage() const;

 private:
  class Impl;
  explicit Playback(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::ingest
