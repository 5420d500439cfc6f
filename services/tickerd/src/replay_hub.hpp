#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/hub/hub.hpp>
#include <ticker/protocol/request.hpp>

#include "change_rate.hpp"
#include "replay_clock.hpp"
#include "replay_pieces.hpp"

namespace ticker::tickerd {

class ClientLink;
class Shard;

// What serves one client from a recording: a hub of its own, on the recording's clock. Each message is a batch, and what is due
// at its time comes before it, so that the frames follow from the recording, the position and the subscriptions, and not from
// the speed or the line: while the client's socket takes nothing, the clock stands. The shard's thread.
class ReplayHub final : private hub::Sockets, private hub::Connection {
 public:
  // How far a turn came: it is kept short, so that the shard's other clients have theirs.
  struct Turn {
    bool is_at_end = false;
    // In real time, the next one; nullopt: when the client can be written to, or the next piece is here.
    std::optional<Timestamp::duration> next;
  };

  // All must outlive it. `speed`: as ReplayClock's.
  ReplayHub(Shard& shard, ClientLink& link, ReplayPieces& pieces, double speed, std::size_t changes_per_s);
  ~ReplayHub() override { close(); }

  // --- Requires: it is not open ---
  // The clock stands there.
  void stand_at(Timestamp position) { now_ = position; }
  // Serves these entries from there on.
  void open(market::MarketState state, std::shared_ptr<const hub::Access> access,
            const std::vector<protocol::Subscribe>& entries);

  bool is_open() const { return hub_ != nullptr; }
  void close();
  // The recording's time …
  Timestamp time() const;
  // … which is never past its end.
  Timestamp position() const;
  double speed() const { return clock_.speed(); }

  // --- Requires: it is open ---
  const market::MarketState& state() const { return hub_->state(); }
  // The entries, which rest from now on.
  std::vector<protocol::Subscribe> lend() { return hub_->lend(session_); }
  // A request about them, or a ping.
  void pass_on(std::string_view text);
  void set_access(std::shared_ptr<const hub::Access> access);
  void on_writable() { hub_->on_writable(session_, now_); }

  // The clock goes on, and what is due is served.
  Turn play();
  // The clock stands; what came with a request may be more than the hub serves at once, and is due.
  Turn serve();
  // The clock stands from now on.
  void stand();
  // Requires: the clock stands.
  void set_speed(double speed) { clock_.set_speed(speed); }

 private:
  enum class Advance : std::uint8_t { kDone, kBlocked, kTurnOver };

  // Not kDone: not all of it, as the client's socket is full, or the turn that began at `begun` is over.
  Advance advance_to(Timestamp time, Timestamp begun);
  Turn interrupted(Advance why);
  // Serves what the last message changed.
  Turn end(Timestamp begun);
  bool is_over(Timestamp begun) const;
  bool is_writable() const;
  // The client's rate of requests, for what they cost here.
  void charge();
  void adopt(std::shared_ptr<const hub::Access> access, const std::vector<protocol::Subscribe>& entries);

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
  ReplayPieces& pieces_;

  std::unique_ptr<hub::Hub> hub_;    // nullptr: it is not open
  hub::Session* session_ = nullptr;  // of hub_
  Timestamp now_ = kNoTime;          // of hub_
  ReplayClock clock_;                // while it stands, it is at now_
  ChangeRate rate_;
};

}  // namespace ticker::tickerd
