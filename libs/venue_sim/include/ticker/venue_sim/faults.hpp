#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/result.hpp>

namespace ticker::venue_sim {

// What goes wrong on purpose. `--fault NAME:N[:CODE]` strikes the first connection that has been
// sent N recorded messages, once; given twice it strikes twice. The others hold all the time,
// `short-lived:N` for each connection once.
struct Fault {
  enum class Kind {
    kDisconnect,    // disconnect:N    the socket is cut, without a close frame
    kClose,         // close:N[:CODE]  closed with CODE (default 1001)
    kPlannedClose,  // planned-close:N the venue's notice (if it has one), and 1001 five seconds
                    // later
    kSilent,     // silent:N        nothing any more: no data, heartbeats, pings, pongs; the socket
                 // stays
    kNoData,     // no-data:N       heartbeats and pings go on, data does not
    kGarbage,    // garbage:N       a text that is no JSON, half of a recorded message, and brackets
                 // 10,000 deep
    kTruncate,   // truncate:N      a frame that ends half-way, and the socket is cut
    kOversized,  // oversized:N     a message above what a consumer can be expected to take (32 MiB)
    kDuplicate,  // duplicate:N     the message is sent again
    kReorder,    // reorder:N       the next two messages change places
    kRefuse,     // refuse:SYMBOL   the venue does not have it, and says so in its way
    kLateAcks,   // late-acks       acknowledgements come after the first recorded message
    kNoHeartbeats,  // no-heartbeats   data goes on, heartbeats do not come
    kWrongPath,     // wrong-path      streams of another path are acknowledged and silent
                    // (binance-usdm)
    kShortLived,    // short-lived:N   a planned close for every connection that has been sent N
                    // recorded messages
  };
  Kind kind;
  std::size_t after = 0;
  std::uint16_t code = 1001;
  std::string symbol;
};

// `disconnect:1000`; an error names the faults that there are.
Result<Fault> parse_fault(std::string_view text);

// The faults of one venue, and which of them have struck.
class Faults {
 public:
  Faults() = default;
  explicit Faults(std::vector<Fault> faults);

  // A fault that strikes a connection which has been sent `sent` recorded messages; it is then
  // over. nullopt: none.
  std::optional<Fault> take_due(std::size_t sent);
  bool refuses(std::string_view symbol) const;
  bool has(Fault::Kind kind) const;
  // After how many recorded messages each connection is told that it will be closed; nullopt: never.
  std::optional<std::size_t> life() const;

 private:
  std::vector<Fault> pending_;
  std::vector<Fault> standing_;
};

}  // namespace ticker::venue_sim
