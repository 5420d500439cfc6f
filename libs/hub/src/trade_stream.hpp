#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <ticker/hub/connection.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/encoder.hpp>

#include "frame_arena.hpp"
#include "selection.hpp"
#include "trade_ring.hpp"

namespace ticker::hub {

class Session;

// A client's place in the trades. Owned by its session.
struct TradeStream : Subscriber {
  // Up to which trade of a line the client needs nothing more. Of those that are not listed it needs
  // all: they began, or went on, while the stream was running.
  struct Known {
    market::InstrumentId line = 0;
    std::uint64_t seq = 0;
    bool lost = false;  // something before, it is not known what
  };

  explicit TradeStream(Session& owner) : session(owner) {}

  Session& session;
  Selection* selection = nullptr;  // its only lane is 0
  TradeRing::Position cursor = 0;  // records before it were sent, or are not for this client
  std::vector<Known> known;        // by rising line; once all is sent, no more than instruments
  // The ring ran past the cursor, or did not reach back to it: gaps are being told, for instruments
  // from `overrun_next` on.
  bool overrun = false;
  market::InstrumentId overrun_next = 0;
  TradeRing::Position overrun_to =
      0;  // where the ring began when the telling did; by its end it may have moved on
  bool due = false;
  // For the statistics only: of the oldest trade not sent yet.
  Timestamp oldest_change = kNoTime;
  Timestamp oldest_receive = kNoTime;

  Known& know(market::InstrumentId line);
  const Known* find(market::InstrumentId line) const;
};

// Builds the frames of trade streams. The hub's thread.
class TradeServer {
 public:
  // A frame, built and not yet taken.
  struct Frame {
    Slice bytes;  // in the arena
    TradeRing::Position next = 0;
    std::size_t trades = 0;
    std::optional<market::InstrumentId> overrun;  // it tells this line's loss …
    std::uint64_t overrun_seq = 0;                // … up to this trade
    market::InstrumentId overrun_next = 0;        // instruments below it are done
  };

  TradeServer(const market::MarketState& state, const TradeRing& ring,
              const protocol::Encoder& encoder, FrameArena& arena);

  // nullopt: the client has everything.
  std::optional<Frame> build(TradeStream& stream, std::size_t frame_bytes);
  void commit(TradeStream& stream, const Frame& frame);

  // Another epoch: all start now.
  void start_anew(TradeStream& stream) const;
  // Living instruments that the stream did not have, start now.
  void start(TradeStream& stream, const std::vector<market::InstrumentId>& ids) const;
  // They start after `since`, which this replica has reached.
  void resume(TradeStream& stream, const std::vector<market::InstrumentId>& ids,
              market::Version since) const;
  // Before resume() of a stream that runs: what it was sent after `since` is not sent again, even of
  // an instrument that is gone.
  void keep_sent(TradeStream& stream, market::Version since) const;
  // What is not in the selection is not known any more; without `with_gone`, what is gone neither.
  void prune(TradeStream& stream, bool with_gone) const;

 private:
  // Those of living instruments, rising.
  std::vector<market::InstrumentId> lines_of(const std::vector<market::InstrumentId>& ids) const;
  // The symbol of a line that the client is served, and that no instrument goes on with now;
  // nullptr: there is one, or nothing is remembered.
  const std::string* gone(const TradeStream& stream, market::InstrumentId line) const;
  // `removal`: the last of its line.
  bool gone(const TradeStream& stream, const market::MarketState::Removal& removal) const;
  std::optional<Frame> tell_lost(const TradeStream& stream, const TradeStream::Known& known,
                                 const std::string& symbol);
  bool wants(const TradeStream& stream, const TradeRing::Record& record) const;
  std::optional<Frame> build_overrun(TradeStream& stream);
  Frame whole(std::string_view message);

  const market::MarketState& state_;
  const TradeRing& ring_;
  const protocol::Encoder& encoder_;
  FrameArena& arena_;
  std::string text_;
};

}  // namespace ticker::hub
