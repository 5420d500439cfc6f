#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/hub/hub.hpp>
#include <ticker/hub/replayer.hpp>
#include <ticker/protocol/encoder.hpp>
#include <ticker/protocol/message.hpp>

#include "body_cache.hpp"
#include "frame_arena.hpp"
#include "lane_server.hpp"
#include "selection.hpp"
#include "session.hpp"
#include "timer_wheel.hpp"
#include "trade_ring.hpp"
#include "trade_stream.hpp"

namespace ticker::hub {

// What Hub is, in several sources: core.cpp (clients come and go, time), core_market.cpp (what
// comes of the market), core_turns.cpp (when lanes have their turn), core_serve.cpp (what is sent
// then), core_auth.cpp (who may see what), core_socket.cpp (one client's socket),
// core_requests.cpp and core_entries.cpp (what clients ask, and what it changes), core_replay.cpp
// (clients that another hub serves), core_upkeep.cpp (who is silent, stuck, or to leave).
class Hub::Core {
 public:
  Core(market::MarketState state, Sockets& sockets, HubOptions options);

  Session* open(Connection& connection, Client client, Timestamp now);
  void on_message(Session& session, std::string_view text, Timestamp now);
  void on_control(Session& session, Timestamp now);
  void on_writable(Session& session, Timestamp now);
  void on_closed(Session& session, std::uint16_t code);
  void drain(Timestamp now, Timestamp deadline);

  void answer(Session& session, const protocol::Message& reply, Timestamp now);
  std::vector<protocol::Subscribe> lend(Session& session);
  WriteResult relay(Session& session, Slice slice, Timestamp now);
  void take_back(Session& session, const std::vector<protocol::Subscribe>& entries, Timestamp now);
  std::int64_t take_matched_patterns() { return std::exchange(matched_patterns_, 0); }
  // For patterns that a request makes a hub match against every instrument.
  void charge(Session& session, std::int64_t patterns);
  Session* adopt(Connection& connection, Client client,
                 const std::vector<protocol::Subscribe>& entries, Timestamp now);

  market::MarketState::ApplyResult take(const market::Batch& batch, Timestamp now);
  void serve(Timestamp now);
  void replace_state(market::MarketState state, Timestamp now);
  void advance(Timestamp now);
  std::optional<Timestamp> next_deadline() const;
  std::optional<std::chrono::milliseconds> least_interval() const;
  bool awaits_change() const;

  std::size_t connections() const { return sessions_.size(); }
  const market::MarketState& state() const { return state_; }
  const HubOptions& options() const { return options_; }
  void set_limits(const ClientLimits& limits);
  void set_trades_ring(std::size_t trades) { ring_.resize(trades); }
  void set_state_options(market::MarketState::Options options) { state_.set_options(options); }
  HubStats& stats() { return stats_; }
  BodyCache& bodies() { return bodies_; }

 private:
  // --- core.cpp ---
  void enter(Timestamp now);
  Session& add(Connection& connection, const Client& client, Timestamp now);

  // --- core_market.cpp ---
  void start_epoch();
  void forget_early_trades();
  void note_lost_trades(const market::MarketState& newer);
  void serve_waiting();
  void note_created(const market::InstrumentState& instrument);
  void note_removed(market::InstrumentId id, market::Version version);
  void note_change(market::InstrumentId id, market::Version version, bool urgent,
                   Timestamp received);
  void note_trade(market::InstrumentId id, TradeRing::Position position, Timestamp received);
  // A quiet stream is served from this record on.
  void wake(TradeStream& stream, TradeRing::Position position, Timestamp received);
  void wake_all_trades(TradeRing::Position position, Timestamp received);
  void note_feeds(const market::Batch& batch);

  // --- core_auth.cpp ---
  // Sets when what it may see ends, or when it should have shown a token.
  void begin_access(Session& session, std::optional<Timestamp> expires_at);
  void send_authenticated(Session& session, const protocol::RequestId& id);
  void authenticate(Session& session, const protocol::Auth& request);
  // It may see others now than what it was served: its entries stay, and it is served anew.
  void change_access(Session& session);
  // Sets what of the lane's wishes the token allows.
  static void limit(Lane& lane);
  // Values come at once with a subscription, and with a token that lets it see others: where a token
  // has a least interval, it holds for them too. `interval_before`: of the token in force so far,
  // whose debt stands. False: there were too many.
  bool take_snapshot(Session& session, std::chrono::milliseconds interval_before);
  // False: it was refused.
  bool within_snapshots(Session& session, const protocol::RequestId& id);
  // False: its time was over, it is closed.
  bool still_has_access(Session& session);
  bool within_early_bytes(Session& session, std::size_t request);
  // False: it was refused.
  bool may_ask(Session& session, const protocol::RequestId& id);
  bool may_see(Session& session, const protocol::Subscribe& request);

  // --- core_turns.cpp ---
  // A change came: who had nothing to get has a turn again.
  void wake(Part& part, Timestamp received);
  // Everybody's turn is now.
  void hasten(Part& part, market::Version version);
  // Its turn comes at the grid's next point, or when its bandwidth allows.
  void schedule(Lane& lane);
  void make_due(Lane& lane);
  void enqueue(Session& session);
  // Requires: it has something due.
  void enqueue_due(Session& session);
  // The number of changes that its turn was for.
  std::uint64_t after_turn(Lane& lane);

  // --- core_serve.cpp ---
  // Sends what is due, to all whose sockets take it.
  void flush();
  // What belongs to those who are served after this one.
  void bring_near(std::size_t serving);
  void serve(Session& session);
  bool serve_slot(Session& session, std::size_t slot);
  bool serve_lane(Session& session, Lane& lane);
  bool serve_trades(Session& session);
  bool serve_status(Session& session);
  // Some removal that the client was not told of is not remembered any more.
  bool lost_removals(const Session& session) const;
  // The client is to forget all instruments; snapshots follow.
  void start_anew(Session& session);

  // --- core_socket.cpp ---
  WriteResult write(Session& session, Slice slice);
  WriteResult write_message(Session& session, const protocol::Message& message);
  // A message outside of a flush, now or, if the socket does not take it, as the session's reply.
  void send(Session& session, const protocol::Message& message);
  void update_reading(Session& session);
  void take_held(Session& session);
  void count_held(Session& session);
  void note_latency(Timestamp changed, Timestamp received);

  // --- core_requests.cpp ---
  void take_request(Session& session, std::string_view text);
  bool within_rate(Session& session);
  void refuse(Session& session, const protocol::RequestId& id, protocol::ErrorCode code,
              std::string message);
  // `waited`: `since` has had its time.
  void subscribe(Session& session, const protocol::Subscribe& request, bool waited);
  std::vector<protocol::Pattern> accept(const Session& session, const protocol::Subscribe& request,
                                        protocol::Subscribed& reply) const;
  bool too_many(Session& session, const protocol::RequestId& id, const std::vector<std::string>& symbols);
  void unsubscribe(Session& session, const protocol::Unsubscribe& request);
  void end_ticker(Session& session, const protocol::Unsubscribe& request,
                  protocol::Unsubscribed& reply);
  void end_trades(Session& session, const protocol::Unsubscribe& request,
                  protocol::Unsubscribed& reply);
  void end_status(Session& session, const protocol::Unsubscribe& request,
                  protocol::Unsubscribed& reply);
  // Whether the request ends an entry; if so, the reply tells.
  static bool ends(const protocol::Unsubscribe& request, const protocol::Pattern& text,
                   std::string_view lane, protocol::Unsubscribed& reply);
  std::size_t entries(const Session& session) const;

  // --- core_entries.cpp ---
  Selection* acquire(Session& session, SelectionTable& table, EntryList list,
                     const SymbolFilter& filter);
  // Living instruments that match `texts`, with which the selection's list ends; by rising id.
  std::vector<market::InstrumentId> matched(Session& session, const Selection& selection,
                                            const std::vector<protocol::Pattern>& texts);
  void subscribe_ticker(Session& session, const protocol::Subscribe& request,
                        protocol::Subscribed& reply, std::vector<protocol::Pattern> texts);
  void subscribe_trades(Session& session, const protocol::Subscribe& request,
                        protocol::Subscribed& reply, std::vector<protocol::Pattern> texts);
  void subscribe_status(Session& session, const protocol::Subscribe& request,
                        protocol::Subscribed& reply, std::vector<protocol::Pattern> texts);
  void enter_lane(Session& session, Lane& lane, const protocol::Subscribe& request,
                  protocol::Subscribed& reply, const std::vector<market::InstrumentId>& ids);
  // The client's ticker entries are `list` from now on; lanes that it does not name end.
  // `fall_back`: instruments that change lanes are not served anew, but from where the lane that
  // they leave had come to.
  void set_ticker(Session& session, EntryList list, bool fall_back);
  void enter_next_lanes(Session& session, const Selection& from, const std::vector<Lane*>& sources);
  void set_trades(Session& session, EntryList list);
  void drop_subscriptions(Session& session);
  // Its subscriptions are others now.
  void count_interval(Session& session);

  // --- core_replay.cpp ---
  void ask_replayer(Session& session, const protocol::RequestId& id,
                    const protocol::Request& request);
  void pass_on(Session& session, const protocol::Request& request, std::string_view text);
  void send_reply(Session& session, const protocol::Message& reply);
  // Of the entry's lane.
  static void restore_settings(Session& session, const protocol::Subscribe& entry);

  // --- core_upkeep.cpp ---
  void heard_from(Session& session);
  void do_upkeep(Session& session);
  void arm_upkeep(Session& session);
  void leave(Session& session);
  void close(Session& session, protocol::CloseCode code);

  // fixed after construction
  HubOptions options_;  // all but some of its limits are fixed
  Sockets& sockets_;
  const protocol::Encoder& encoder_;

  market::MarketState state_;
  Timestamp now_ = kNoTime;     // of the call under way; kNoTime: there was none yet
  market::Version before_ = 0;  // the version before what is being applied …
  Timestamp published_ = kNoTime;  // … and when the writer let it go
  SelectionTable tickers_;
  SelectionTable trade_selections_;
  TradeRing ring_;
  TradeRing::Position served_trades_ = 0;  // where the ring ended at the last flush
  FrameArena arena_;
  LaneServer lane_server_;
  TradeServer trade_server_;
  BodyCache bodies_;
  TimerWheel timers_;
  HubStats stats_;

  std::int64_t matched_patterns_ = 0;  // since they were taken
  // How many sessions there are by the least interval of each.
  std::map<std::chrono::milliseconds, std::size_t> intervals_;
  std::vector<Session*> ready_;    // to be served, in this order
  std::vector<Session*> serving_;  // scratch of flush()
  std::vector<Session*> due_;      // scratch of advance()
  std::vector<Session*> settling_;  // scratch: of those, whose request or reading may go on, or rest
  std::vector<Session*> waiting_;  // for a version that `since` named
  std::optional<Timestamp> drain_until_;
  std::string text_;  // scratch

  std::vector<std::unique_ptr<Session>> sessions_;
};

}  // namespace ticker::hub
