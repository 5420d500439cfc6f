#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <ticker/market/update.hpp>

namespace ticker::market {

// The newest state of one instrument, with the version of the last change of each field. Owned by a
// MarketState.
struct InstrumentState {
  // What is asked for each client comes first: few cache lines.
  InstrumentId id = 0;
  bool stale = true;
  bool exchange_time_given = false;  // by some change; the latest may have had none
  Version created = 0;
  Version updated = 0;  // the highest of `versions`
  std::array<Version, kVersionedFields> versions{};  // 0: never given
  Timestamp receive_time = kNoTime;  // companions, as of the last change; kNoTime: it had none
  Timestamp exchange_time = kNoTime;
  FieldValues values;  // present: fields that ever had a value

  std::uint64_t ticks = 0;   // venue messages that changed the instrument
  TradeLine line;            // what its trades are counted on
  std::uint64_t trades = 0;  // the seq of the newest
  FieldSet sent_by_venue;  // change fields that the venue itself sends, which are then not computed
  Instrument instrument;

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
    std::uint32_t changed = 0;
    for (std::size_t field = 0; field < kVersionedFields; ++field) {
      changed |= static_cast<std::uint32_t>(versions[field] > since) << field;  // no jump
    }
    return FieldSet::from_bits(changed);
  }
};

}  // namespace ticker::market
