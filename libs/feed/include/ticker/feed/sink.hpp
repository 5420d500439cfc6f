#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ticker/market/update.hpp>

namespace ticker::feed {

// Why a message, or an entry of it, was refused. One counter each (ticker_feed_rejected_total).
enum class Rejected : std::uint8_t {
  kUndecodable,        // not JSON, or not of the shape that its channel has
  kOutOfRange,         // a number that can't be held exactly, a time or an id beyond its limits
  kUnknownInstrument,  // speaks of an instrument that this feed does not have
  kBinary,             // a binary frame where the venue's protocol is text
};
inline constexpr std::size_t kRejectedCount = 4;
// `undecodable`, `out_of_range`, …: the metric's label.
std::string_view reason_name(Rejected reason);

// Why a well-formed message, or an entry, was passed over. One counter each
// (ticker_feed_skipped_total).
enum class Skipped : std::uint8_t {
  kOtherChannel,    // book depth, candles: nothing we use
  kControl,         // acknowledgements, heartbeats, pongs
  kDuplicate,       // an update or trade id not above the last one of this connection
  kHistory,         // trades from before the subscription
  kNotMarketTrade,  // insurance-fund and the like
  kBeforeSnapshot,  // a change of something that was never given whole
};
inline constexpr std::size_t kSkippedCount = 6;
std::string_view reason_name(Skipped reason);

// What a control message of the venue means for the connection that it came on.
struct Notice {
  enum class Kind : std::uint8_t {
    kSubscribed,    // `native` (if any) is acknowledged
    kRefused,       // `native` (if any) is not available; `text` is the venue's reason
    kPlannedClose,  // the venue will close this connection soon
    kUnavailable,   // maintenance: quotes can't be trusted until kAvailable
    kAvailable,
    kError,        // the venue complains about something that we sent
    kSequenceGap,  // a connection-wide sequence jumped: counted, nothing more
    kReady,        // the venue takes requests from now on
    kAnswer,       // `text` is to be sent back, and never to be logged
    kAskAgain,     // `native` (if any) was refused for now, since too much was asked: `text` says so
  };
  Kind kind;
  std::string_view native;  // both valid during the call only
  std::string_view text;
};

// Where an adapter puts what it decodes, in message order. Called on the adapter's thread, within
// decode().
class Sink {
 public:
  virtual ~Sink() = default;

  // The instrument that the venue calls `native`; nullopt: not one of this feed's.
  virtual std::optional<market::InstrumentId> find(std::string_view native) = 0;

  // One ticker entry: quote fields, 24 h fields, or both.
  virtual void ticker(const market::Update& update) = 0;
  // One trade; the state takes the fields of `sets` (of last, last_size, last_side) from it.
  virtual void trade(const market::Trade& trade, market::FieldSet sets) = 0;
  virtual void notice(const Notice& notice) = 0;
  virtual void rejected(Rejected reason) = 0;
  virtual void skipped(Skipped reason) = 0;
};

}  // namespace ticker::feed
