#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/feed/json_feed.hpp>
#include <ticker/feed/sink.hpp>

namespace ticker::feed {

// What a venue demands of whoever connects to it (exchange-protocols: session rules, recommended
// constants).
struct VenueRules {
  // No bytes at all for so long: dead. The default of `feed_timeout_ms`.
  std::chrono::milliseconds feed_timeout{60'000};
  std::chrono::milliseconds keepalive_interval{0};  // 0: we need not send anything
  bool keepalive_is_ping_frame = false;             // else keepalive_text is sent as a message
  std::string keepalive_text;
  std::size_t requests_per_window = 0;  // 0: no limit is known
  std::chrono::milliseconds request_window{1000};
  std::size_t connects_per_window = 0;  // 0: no limit is known
  std::chrono::milliseconds connect_window{0};
  std::chrono::milliseconds first_retry{1000};  // full jitter doubles from here …
  std::chrono::milliseconds max_retry{60'000};  // … up to here
  std::chrono::milliseconds max_age{0};         // 0: no limit on a connection's age
  std::size_t instruments_per_connection = 0;   // 0: one connection takes all
  bool answers_requests = true;  // false: it may stay silent, though it has taken them
};

// One upstream connection that a feed needs, and what to send on it once it is open.
struct ConnectionPlan {
  std::string url;
  std::vector<std::string> requests;  // in order, paced by the rules
  std::vector<std::string> natives;   // instruments served by it
  std::string login = {};             // sent before them; empty: none. Never to be logged
  bool waits_for_ready = false;       // the requests wait for Notice::kReady
};

// The protocol of one venue on one upstream connection. Pure: what comes out depends only on the
// bytes, their receive time and the messages before them on the same connection. One thread.
class Adapter {
 public:
  struct Options {
    // binance: `trade` or `aggTrade`; empty, for recordings: the kind that comes first, to the
    // exclusion of the other.
    std::string trades = "trade";
    // json-websocket:
    JsonMapping json = {};
    JsonSocket socket = {};
  };

  virtual ~Adapter() = default;

  virtual const VenueRules& rules() const = 0;
  // `BTC-USDT` in the venue's data messages: `BTCUSDT`. nullopt: the venue can't have such an
  // instrument.
  virtual std::optional<std::string> native_name(std::string_view canonical) const = 0;
  // The connections that these instruments need at `url` (scheme, host, port, perhaps a path
  // prefix).
  virtual std::vector<ConnectionPlan> plan(std::string_view url,
                                           const std::vector<std::string>& natives) const = 0;

  // A new upstream connection: its messages have an order of their own. Trades that came already are
  // known again, where their ids tell.
  virtual void reset() = 0;
  // This connection takes the place of the one that `before` decoded: goes on from its guards, so
  // that what both bring is a duplicate, and a trade that neither brought is missed. `overlapped`:
  // both had subscribed before the other one went; if not, what came in between is lost, also where
  // ids do not count. Requires: `before` is of the same kind; it decodes nothing any more.
  virtual void take_over(Adapter& /*before*/, bool /*overlapped*/) {}
  // Messages of this connection did not get here, nobody knows which: trades may be missing, also
  // where ids do not count.
  virtual void interrupted() {}
  // Decodes one text message in situ: overwrites it. What of it can't be used is told by
  // Sink::rejected() or skipped(). Requires: message[size] is writable too (it is set to 0).
  virtual void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) = 0;
};

// The venue that the configuration describes.
inline constexpr std::string_view kJsonWebSocket = "json-websocket";

// The adapter for `kind` (`binance-spot`, …, as in `adapter:` of the configuration); an error names
// the kinds that exist.
Result<std::unique_ptr<Adapter>> make_adapter(std::string_view kind,
                                              const Adapter::Options& options);
// Which of Options::trades the venue documents; of Binance's USD-M `trade` may stay silent, on either
// path.
std::string_view documented_trades(std::string_view kind);
// Every kind that make_adapter knows and that needs no description: all but kJsonWebSocket.
const std::vector<std::string_view>& adapter_kinds();

}  // namespace ticker::feed
