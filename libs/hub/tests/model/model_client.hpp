#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/market/market_state.hpp>
#include <ticker/protocol/message.hpp>
#include <ticker/protocol/pattern.hpp>
#include <ticker/protocol/push.hpp>
#include <ticker/protocol/request.hpp>

namespace ticker::hub::model {

// A client that does what part 3 of the protocol says, to the letter and no more, and complains
// about every frame that the protocol does not allow.
class ModelClient {
 public:
  struct Entry {
    protocol::Channel channel;
    std::string text;
    std::string lane;
  };
  struct Lane {
    market::FieldSet fields;
    std::uint32_t interval_ms = 0;
    std::optional<market::Version> resume;  // of its last complete frame
    bool incomplete = true;  // something that was asked for without `since` has not come whole yet
    market::Version last = 0;
    bool passing = false;                       // within a pass
    std::optional<protocol::FrameKind> answer;  // what its next frame must be
  };
  using Fields = std::map<market::Field, std::string>;

  explicit ModelClient(std::size_t frame_bytes) : frame_bytes_(frame_bytes) {}

  // A new connection. `resume`: what it holds is kept and asked for with `since`; else all is
  // forgotten.
  void connected(bool resume);
  // The text of a request, which is expected to be answered.
  std::string subscribe(protocol::Subscribe request);
  std::string unsubscribe(protocol::Unsubscribe request);
  std::string ping();
  // What it asks again, after a reconnect, before anything else; nullopt: nothing more, or not yet.
  std::optional<std::string> next_again();
  bool asking_again() const;

  // Takes a frame. Empty: all is well; else what is wrong with it.
  std::string take(std::string_view frame);
  // Everything is quiet: whether the client holds what it must, by the market as it is.
  std::string compare(const market::MarketState& state) const;
  // Whether both hold the same instruments, and the same trades last.
  bool holds_what(const ModelClient& other) const {
    return held_ == other.held_ && seqs_ == other.seqs_;
  }

 private:
  struct Request {
    std::string id;
    std::optional<std::string> lane;  // of a subscription to tickers
    bool again = false;
  };

  struct Run {
    protocol::Channel channel;
    std::string lane;
    std::vector<std::string> texts;
  };

  const Entry* entry_of(std::string_view symbol) const;
  static bool matches(const std::string& text, std::string_view symbol) {
    return protocol::Pattern(text).matches(symbol);
  }
  std::string next_id(std::optional<std::string> lane, bool again);
  std::string answered(const protocol::RequestId& id);
  void forget_all();
  void drop_unmatched();

  std::string on(const protocol::Hello& hello);
  std::string on(const protocol::Subscribed& reply);
  std::string on(const protocol::Unsubscribed& reply);
  std::string on(const protocol::Gap& gap);
  std::string on(const protocol::Status& status);
  std::string on(const protocol::Epoch& epoch);
  std::string on(const protocol::Pong& pong) { return answered(pong.id); }
  std::string on(const protocol::RequestError& error) { return answered(error.id); }
  std::string on(const protocol::Authenticated& reply) { return answered(reply.id); }
  std::string on(const protocol::Heartbeat&) { return {}; }
  std::string on(const protocol::AuthExpiring&) { return "auth_expiring"; }
  std::string on(const protocol::Goodbye&) { return "goodbye"; }
  std::string on(const protocol::Replaying&) { return "replaying"; }
  std::string on(const protocol::ReplayState&) { return "replay"; }
  std::string take_entries(const protocol::EntryFrame& frame);
  std::string take_trades(const protocol::TradesFrame& frame);

  const std::size_t frame_bytes_;
  std::uint64_t requests_ = 0;
  bool greeted_ = false;
  std::deque<Run> again_;                 // to be asked for again
  std::optional<market::Version> since_;  // as of which all of it is held
  bool resumed_ = false;                  // on this connection, something was asked for again
  std::string epoch_;
  std::vector<Entry> entries_;  // as confirmed on this connection
  std::map<std::string, Lane> lanes_;
  std::map<std::string, Fields, std::less<>> held_;
  std::map<std::string, std::string> feeds_;
  std::map<std::string, std::optional<std::uint64_t>> seqs_;  // nullopt: not known
  std::optional<market::Version> trades_resume_;
  std::map<std::string, std::optional<std::uint64_t>> resume_seqs_;  // as of it
  std::deque<Request> outstanding_;
};

}  // namespace ticker::hub::model
