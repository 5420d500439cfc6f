#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ticker/hub/hub.hpp>
#include <ticker/market/market_state.hpp>

#include "model_client.hpp"
#include "scripted_connection.hpp"

namespace ticker::hub::model {

// What happens next. Numbers are taken modulo what there is to choose from, so that every step
// means something in every world, and a run can be shrunk by leaving steps out.
struct Step {
  enum class Op : std::uint8_t {
    kQuote,     // a: instrument, b: fields, c: value
    kTrade,     // a: instrument, b: missed at the venue
    kStale,     // a: instrument
    kAdd,       // a: instrument
    kRemove,    // a: instrument
    kFeed,      // a: feed, b: state; it comes, if it was gone
    kFeedGone,  // a: feed
    kPublish,   // both replicas get all, but those from which it is withheld
    kWithhold,  // a: the replica that gets nothing from now on, or everything again
    kLose,      // a: the replica that loses a batch
    kEpoch,
    kWait,        // a: milliseconds
    kIdle,        // for as long as a client may hear nothing: who is not blocked is told something
    kConnect,     // client; a: replica, b: with what it holds
    kReturn,      // client; its socket drains, what comes is read, and it is lost and comes back at
                  // once
    kDisconnect,   // client; a: the hub hears of it at once, or at the next kWait, kIdle or kQuiet
                   // only, when its socket may have said before that it has room
    kSubscribe,   // client; a: texts, b: lane and channel, c: fields, d: interval
    kUnsubscribe,  // client; a: texts, b: lane, channel or all
    kPing,         // client
    kBlock,        // client; a: frames that fit before, b: how the one after them is answered
    kDrain,        // client; a: frames that fit or no limit, b: as for kBlock, c: all clients
    kQuiet,        // all sockets open, all intervals over: everyone must hold the truth
    kOps,
  };
  Op op = Op::kQuiet;
  std::uint32_t client = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t d = 0;
};

std::string describe(const Step& step);

// A market, two hubs that serve replicas of it, and some clients; all that happens is steps.
class World {
 public:
  struct Size {
    std::size_t frame_bytes = 600;
    std::size_t trades_ring = 16;
    std::size_t removals = 4;
  };
  explicit World(Size size);

  // Empty: all is well; else what went wrong.
  std::string run(const Step& step);

  const AnswerPairs& answers() const { return sockets_.answers(); }

 private:
  static constexpr std::size_t kHubs = 2;
  static constexpr std::size_t kClients = 4;

  struct Shard {
    std::unique_ptr<Hub> hub;
    std::deque<market::Batch> inbox;
    bool withheld = false;
  };
  struct Peer {
    ModelClient client;
    std::unique_ptr<ScriptedConnection> socket;
    Session* session = nullptr;
    std::size_t shard = 0;
    std::deque<std::function<std::string()>> outbox;  // requests, written when they are sent
    std::size_t pings = 0;   // that it answered
    std::size_t frames = 0;  // that it took
  };

  void start_market();
  market::MarketState replica() const;
  void write_market(const Step& step);
  void publish();
  void deliver(Shard& shard);
  void wait(std::int64_t ms);
  void connect(Peer& peer, std::size_t shard, bool resume);
  void disconnect(Peer& peer);
  // The hub is told of broken sockets.
  void hear_of_cuts();
  void subscribe(Peer& peer, const Step& step);
  void unsubscribe(Peer& peer, const Step& step);
  // Until nothing more moves: sockets with room are told of, requests are sent, frames are read.
  std::string pump();
  std::string quiet();
  std::string idle();

  const Size size_;
  ScriptedSockets sockets_;
  Timestamp now_{std::chrono::seconds(1'000'000)};
  std::uint64_t epochs_ = 0;
  std::uint64_t connections_ = 0;
  std::unique_ptr<market::MarketState> market_;
  std::unique_ptr<market::MarketState> mirror_;  // with everything that was published
  std::array<Shard, kHubs> shards_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace ticker::hub::model
