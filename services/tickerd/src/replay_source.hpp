#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/ingest/played_market.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/codes.hpp>

#include "replays.hpp"

namespace ticker::tickerd {

// A recording read from a position on, as batches, in pieces that are asked for one by one: what is ahead of the client is
// bounded by two of them. Works on the reading thread of Replays, which may outlive them; begin(), read() and cancel() may be
// called by any.
class ReplaySource : public std::enable_shared_from_this<ReplaySource> {
 public:
  struct Options {
    std::string folder;
    std::string recording;
    std::string epoch;
    std::optional<Timestamp> position;  // nullopt: the beginning
    std::optional<Timestamp> to;        // the last message's; nullopt: the end
  };
  // What one message changed, and when it was received.
  struct Change {
    Timestamp time;
    market::Batch batch;
  };
  struct Beginning {
    market::MarketState state;  // as of the position, what comes at it left out
    Timestamp position;
  };
  struct Fault {
    protocol::ErrorCode code;
    std::string message;
  };
  struct Piece {
    std::optional<Fault> fault;          // nothing else is there, nor will come
    std::optional<Beginning> beginning;  // in the first
    std::vector<Change> changes;
    bool is_last = false;
    Timestamp ends_at;   // of the last: when the replay is at its end
    std::string damage;  // of the last: what could not be read; empty: nothing
  };
  // Called on the reading thread, once for begin() and for each read(), but not after Replays::stop().
  using Deliver = std::function<void(std::shared_ptr<Piece>)>;

  ReplaySource(Replays& replays, Options options, Deliver deliver);

  void begin();
  // Requires: the piece before was delivered, and is not the last.
  void read();
  // Nothing more is wanted: what is being done ends soon.
  void cancel() { is_cancelled_ = true; }

 private:
  // Work for later, if it is still wanted then.
  void later(void (ReplaySource::*work)());
  void open();
  void go_to_position();
  void deliver_beginning();
  void deliver_more();
  void fill(Piece& piece);
  void deliver(std::shared_ptr<Piece> piece);
  void fail(protocol::ErrorCode code, const std::string& message);
  std::string damage() const;
  std::string without_folder(const std::string& text) const;

  // fixed after construction
  const std::shared_ptr<ReadingThread> reading_;
  const Options options_;
  const Deliver deliver_;

  std::atomic<bool> is_cancelled_{false};

  // the reading thread
  std::unique_ptr<ingest::PlayedMarket> market_;
  Timestamp first_ = kNoTime;
  Timestamp played_ = kNoTime;  // the last message's time
};

}  // namespace ticker::tickerd
