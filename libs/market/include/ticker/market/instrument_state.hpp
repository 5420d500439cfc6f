#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ticker/market/update.hpp>

namespace ticker::market {

// The newest state of one instrument, with the version of the last change of each field. Owned by a
// MarketState.
struct InstrumentState {
  InstrumentId id = 0;
  Instrument instrument;
  Version created = 0;
  Version updated = 0;  // the highest of `versions`

  FieldValues values;  // present: fields that ever had a value
  bool stale = true;
  Timestamp exchange_time = kNoTime;  // companions, as of the last change; kNoTime: it had none
  Timestamp receive_time = kNoTime;
  std::uint64_t ticks = 0;   // venue messages that changed the instrument
  TradeLine line;            // what its trades are counted on
  std::uint64_t trades = 0;  // the seq of the newest
  FieldSet sent_by_venue;  // change fields that the venue itself sends, which are then not computed

  std::array<Version, kVersionedFields> versions{};  // 0: never given
  bool exchange_time_given = false;                  // by some change; the latest may have had none

  // Fields that exist on the wire: given at some time (they may be null now), `stale` and `ticks`.
  FieldSet given() const {
    FieldSet fields = values.present() | Field::kStale | Field::kTicks;
    if (exchange_time_given) {
      fields.add(Field::kExchangeTimeUs);
    }
    if (receive_time != kNoTime) {
      fields.add(Field::kReceiveTimeUs);
    }
    return fields;
  }
  // Versioned fields whose last change is after `since`.
  FieldSet changed_since(Version since) const {
    FieldSet changed;
    for (std::size_t field = 0; since < updated && field < kVersionedFields; ++field) {
      if (versions[field] > since) {
        changed.add(static_cast<Field>(field));
      }
    }
    return changed;
  }
};

}  // namespace ticker::market
