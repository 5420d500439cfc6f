#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ticker::feed {

// An instrument that a venue says it trades.
struct Listing {
  std::string canonical;  // `BTC-USDT`
  std::string native;     // in its data messages

  friend auto operator<=>(const Listing&, const Listing&) = default;
};

// Where the venue of this adapter lists what it trades, for whoever asks; empty: nowhere that is
// known.
std::string_view listing_url(std::string_view adapter);

// What such a list says, in situ: overwrites it. What is not traded now, or has a name that no
// canonical one can be made of, is left out. nullopt: it is no such list, or has nothing in it.
// Requires: body[size] is writable too; listing_url(adapter) is not empty.
std::optional<std::vector<Listing>> read_listing(std::string_view adapter, char* body,
                                                 std::size_t size);

}  // namespace ticker::feed
