#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/hub/access.hpp>
#include <ticker/hub/connection.hpp>
#include <ticker/hub/hub_options.hpp>
#include <ticker/hub/hub_stats.hpp>
#include <ticker/hub/symbol_filter.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/message.hpp>
#include <ticker/protocol/request.hpp>

namespace ticker::hub {

// One client. Made by Hub::open, ends with Hub::on_closed; the owner only hands it back.
class Session;

// One shard: a replica of the market's state, and the clients that are served from it. It has no
// thread, socket or clock of its own: what it sends follows, to the byte, from the order and
// arguments of the calls. One thread makes all of them.
//
// After any call, ask next_deadline() when advance() is due.
class Hub {
 public:
  // How a client arrives.
  struct Client {
    std::uint64_t number = 0;  // spreads clients over their intervals; one more for each connection
    std::optional<protocol::Subscribe> first;  // the subscription that its URL asked for
    // nullptr: it may see everything; where tokens are demanded, nothing until it shows one.
    std::shared_ptr<const Access> access;
    std::optional<Timestamp> expires_at = std::nullopt;  // of `access`
  };
  // A body of the HTTP interface, shared by all who asked the same while nothing changed.
  struct Body {
    std::shared_ptr<const std::string> text;
    std::string etag;  // with its quotes
  };

  // `sockets` must outlive the hub.
  Hub(market::MarketState state, Sockets& sockets, HubOptions options);
  ~Hub();
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // --- clients ---
  // Greets it. `connection` is valid until on_closed() was called, which the owner does exactly
  // once.
  Session* open(Connection& connection, Client client, Timestamp now);
  // A text message, read during the call. Requires: reading is not paused.
  void on_message(Session* session, std::string_view text, Timestamp now);
  // A ping (which the connection answers) or a pong came.
  void on_control(Session* session, Timestamp now);
  void on_writable(Session* session, Timestamp now);
  // `code`: how it ended; 1006: lost. The session is gone.
  void on_closed(Session* session, std::uint16_t code);
  // Sends everyone away (goodbye, 1012), spread over the time until `deadline`; who comes later is
  // sent away at once.
  void drain(Timestamp now, Timestamp deadline);
  std::size_t connections() const;

  // --- clients that another hub serves for a while (Replayer) ---
  // The reply to a request that Replayer left open. Not within its calls.
  void answer(Session* session, const protocol::Message& reply, Timestamp now);
  // The client's entries, one text each, which rest here from now on.
  std::vector<protocol::Subscribe> lend(Session* session);
  // A message of the other hub's to a client that is lent. kBlocked, kKept: as Connection::write; its
  // socket's on_writable() is for this hub first, then, if is_writable(), for the other.
  WriteResult relay(Session* session, Slice message, Timestamp now);
  bool is_writable(const Session* session) const;
  // The longest frame, as it was told to the client.
  std::size_t frame_bytes(const Session* session) const;
  // The client's entries are served here again: `epoch`, then snapshots; then requests are taken,
  // also after one that Replayer left open and answered by relay().
  void take_back(Session* session, const std::vector<protocol::Subscribe>& entries, Timestamp now);
  // Patterns that were matched against every instrument for clients since the last call …
  std::int64_t take_matched_patterns();
  // … and are held against this one's rate of requests, as its own hub would have done.
  void charge(Session* session, std::int64_t patterns);
  // A client that another hub lent: nothing is said to it but what take_back() says.
  Session* adopt(Connection& connection, Client client,
                 const std::vector<protocol::Subscribe>& entries, Timestamp now);

  // --- the market ---
  // kGap, kOtherEpoch: the batch can't be applied, nothing was done; the owner asks for the whole
  // state.
  market::MarketState::ApplyResult apply(const market::Batch& batch, Timestamp now);
  // The same of a batch after which others may wait already: who is to be served at once is served
  // by serve() or the next call of another kind, one frame for all that came until then. So who is
  // late merges instead of becoming later still.
  market::MarketState::ApplyResult take(const market::Batch& batch, Timestamp now);
  void serve(Timestamp now);
  // The whole state: of the same epoch after batches were lost (clients see no difference but gaps
  // in trades), or of another, which starts every client anew. Requires: of the same epoch, it is
  // not older.
  void replace_state(market::MarketState state, Timestamp now);
  const market::MarketState& state() const;

  // --- time ---
  // Does what is due by `now`, which never goes back.
  void advance(Timestamp now);
  // When advance() has something to do; nullopt: never, as things stand.
  std::optional<Timestamp> next_deadline() const;
  // The least interval by which someone is served; 0 also for trades, status, or a `since` that is
  // not reached yet; nullopt: nobody subscribed to anything.
  std::optional<std::chrono::milliseconds> least_interval() const;
  // Whether someone is served as soon as apply() comes. If not, apply() may come some milliseconds
  // later: only a change of `stale` would have been sent within it.
  bool wants_changes_at_once() const { return least_interval() == std::chrono::milliseconds(0); }
  // Whether a change that comes now decides when someone is served: a lane has nothing to get. If
  // not, nor wants_changes_at_once(), changes of values until next_deadline() may come as one batch,
  // and everyone gets the same frames. Costs a look at every client.
  bool awaits_change() const;

  // --- one-off reads ---
  // Bodies of `/v1/tickers` and `/v1/symbols` (proto/openapi.yaml). What is hidden is unknown;
  // fields that are hidden are left out.
  Body read_tickers(const protocol::TickersQuery& query, const Access& access = {});
  Body read_symbols(const SymbolFilter& filter = {});
  // Living instruments of a feed that `filter` shows, and how many of them are stale.
  struct FeedCounts {
    std::uint64_t symbols = 0;
    std::uint64_t stale = 0;
  };
  FeedCounts count_feed(std::string_view feed, const SymbolFilter& filter = {}) const;

  const HubOptions& options() const;
  // Entries, lanes and requests a second hold as given from the next request on; the size of
  // frames for who comes next, since those who are there were told theirs.
  void set_limits(const ClientLimits& limits);
  // Others than those given: the newest trades stay, as far as there is room.
  void set_trades_ring(std::size_t trades);
  void set_state_options(market::MarketState::Options options);
  // Counted on the hub's thread, for any thread to read; gone with the hub.
  HubStats& stats();
  const HubStats& stats() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace ticker::hub
