#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/base/clock.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/protocol/message.hpp>
#include <ticker/protocol/request.hpp>

#include "replay_hub.hpp"
#include "replay_pieces.hpp"
#include "replay_source.hpp"
#include "replays.hpp"

namespace ticker::tickerd {

class ClientLink;
class Shard;

// One client's replay: what it asks of it, what it is told, and the turns in which it is played. The shard's thread.
class Replay final : public std::enable_shared_from_this<Replay> {
 public:
  // `link`: the client's; both outlive it.
  Replay(Shard& shard, ClientLink& link, Replays::Seat seat, Replays::Limits limits, protocol::Replay request,
         std::shared_ptr<const hub::Access> access);
  ~Replay();

  // The request's answer comes by the shard's hub.
  void begin() { begin_at(request_.id, request_.from); }

  // As hub::Replayer.
  std::optional<protocol::Message> control(const protocol::ReplayControl& request);
  void pass_on(std::string_view text, const protocol::Request& request);
  void set_access(std::shared_ptr<const hub::Access> access);
  Timestamp time() const { return ending_ ? ending_->position : hub_.time(); }
  // After the shard's hub, if the client can be written to.
  void on_writable();

 private:
  using State = protocol::ReplayState::State;

  // Why it is over, once it is.
  struct Ending {
    std::optional<protocol::RequestId> request;  // to stop, until it is answered
    Timestamp position;                          // as the client is told
    std::string reason;                          // likewise
  };

  void begin_at(const protocol::RequestId& id, std::optional<Timestamp> position);
  // `epoch`: whose piece it is.
  void take(const std::string& epoch, ReplaySource::Piece piece);
  void refuse(const ReplaySource::Fault& fault);
  ReplaySource::Fault unknown() const;
  ReplaySource::Fault as_shown(ReplaySource::Fault fault) const;
  bool may_be_seen(const market::MarketState& state) const;
  void serve_from(ReplaySource::Beginning beginning);
  protocol::Replaying reply(const protocol::RequestId& id) const;

  // What is due now; sets the timer for what is due later.
  void turn();
  void end(Ending ending);
  void end_life();
  // Back to the market, once the client has been told.
  void stop();
  bool tell_state();
  std::string reason() const;
  hub::WriteResult relay(const protocol::Message& message);

  // fixed after construction
  Shard& shard_;
  ClientLink& link_;
  const Replays::Limits limits_;
  const protocol::Replay request_;

  std::optional<Replays::Seat> seat_;  // until it has ended
  std::shared_ptr<const hub::Access> access_;
  std::optional<protocol::RequestId> asked_;  // the request that the source's first piece answers
  std::optional<Ending> ending_;

  ReplayPieces pieces_;
  ReplayHub hub_;
  std::string epoch_;          // of the source of pieces_
  Timestamp from_ = kNoTime;  // kNoTime: nothing was served yet

  State state_ = State::kPlaying;
  bool state_due_ = false;  // to be told

  net::Timer timer_;
  net::Timer idle_timer_;  // while nothing plays
  net::Timer life_timer_;
};

}  // namespace ticker::tickerd
