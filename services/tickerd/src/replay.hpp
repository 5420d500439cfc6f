#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/base/clock.hpp>
#include <ticker/hub/hub.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/protocol/message.hpp>

#include "replay_source.hpp"
#include "replays.hpp"

namespace ticker::tickerd {

class ClientLink;
class Shard;

// One client's replay: a market and a hub of its own, on the recording's clock. Each message is a batch, and what is due at
// its time comes before it, so that the frames follow from the recording, the position and the subscriptions, and not from
// the speed or the line: while the client's socket takes nothing, the recording's time stands still. Plays in short turns, so
// that the shard's other clients have theirs. The shard's thread.
class Replay final : public std::enable_shared_from_this<Replay>, private hub::Sockets, private hub::Connection {
 public:
  // `link`: the client's; both outlive it.
  Replay(Shard& shard, ClientLink& link, Replays::Seat seat, Replays::Limits limits, protocol::Replay request,
         std::shared_ptr<const hub::Access> access);
  ~Replay() override;

  // The request's answer comes by the shard's hub.
  void begin() { begin_at(request_.id, request_.from); }

  // As hub::Replayer.
  std::optional<protocol::Message> control(const protocol::ReplayControl& request);
  void pass_on(std::string_view text);
  void set_access(std::shared_ptr<const hub::Access> access);
  Timestamp time() const;
  // After the shard's hub, if the client can be written to.
  void on_writable();

 private:
  using State = protocol::ReplayState::State;

  void begin_at(const protocol::RequestId& id, std::optional<Timestamp> position);
  // `epoch`: whose piece it is.
  void take(const std::string& epoch, ReplaySource::Piece piece);
  void refuse(const ReplaySource::Fault& fault);
  ReplaySource::Fault unknown() const;
  ReplaySource::Fault as_shown(ReplaySource::Fault fault) const;
  bool may_be_seen(const market::MarketState& state) const;
  void serve_from(ReplaySource::Beginning beginning);
  void drop_hub();
  protocol::Replaying reply(const protocol::RequestId& id) const;

  // What is due now; sets the timer for what is due later.
  void turn();
  void play();
  // The next piece, if the one before is played.
  bool has_change();
  // False: not all of it, as the client's socket is full, or the turn that began at `begun` is over and the next one set.
  bool advance_to(Timestamp time, Timestamp begun);
  bool within_rate(Timestamp now);
  // Serves what the last message changed.
  void end(Timestamp begun);
  void wait_until(Timestamp time, Timestamp now);
  void stop();
  bool tell_state();
  hub::WriteResult relay(const protocol::Message& message);

  // The recording's clock goes on from now_ at `now`, or stands.
  void go_on(Timestamp now);
  Timestamp position(Timestamp now) const;

  void begin_batch() override {}
  void end_batch() override {}
  hub::WriteResult write(const hub::Slice* slices, std::size_t count) override;
  void ping() override {}
  void pause_reading() override;
  void resume_reading() override;
  void close(std::uint16_t code, std::string_view reason) override;
  std::size_t held_bytes() const override { return 0; }
  std::uint64_t accepted_bytes() const override { return 0; }
  std::uint64_t received_bytes() const override { return 0; }

  // fixed after construction
  Shard& shard_;
  ClientLink& link_;
  const Replays::Limits limits_;
  const protocol::Replay request_;

  std::optional<Replays::Seat> seat_;  // until it has ended
  std::shared_ptr<const hub::Access> access_;
  std::shared_ptr<ReplaySource> source_;
  std::optional<protocol::RequestId> asked_;  // the request that the source's first piece answers
  std::optional<protocol::RequestId> stop_;   // the request to stop, until it is done
  bool stop_answered_ = false;

  std::unique_ptr<hub::Hub> hub_;     // nullptr: until the first piece
  hub::Session* session_ = nullptr;  // of hub_
  std::string epoch_;                // of source_
  Timestamp first_ = kNoTime;        // of the recording
  Timestamp from_ = kNoTime;
  Timestamp now_ = kNoTime;  // of hub_

  ReplaySource::Piece piece_;                  // being played
  std::size_t next_ = 0;                       // of its changes
  std::optional<ReplaySource::Piece> ready_;  // to be played after it

  State state_ = State::kPlaying;
  bool state_due_ = false;  // to be told
  double speed_;            // 0: no waiting
  // While it goes, the recording's clock was at `base_` at `since_`.
  bool goes_ = false;
  Timestamp base_ = kNoTime;
  Timestamp since_ = kNoTime;
  double allowance_ = 0;  // changes that may be played at once, as of …
  Timestamp allowance_at_ = kNoTime;

  net::Timer timer_;
};

}  // namespace ticker::tickerd
