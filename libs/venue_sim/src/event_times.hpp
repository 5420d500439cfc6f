#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace ticker::venue_sim {

// A JSON message with those of its values later by `by` that `is_time(key, value)` says are times
// of the venue (`key` is empty in an array): seconds, also with a fraction, milli-, micro- or
// nanoseconds since 1970, or RFC 3339; as numbers or texts. All else stays as it is.
std::string shift_times(std::string_view message, std::chrono::milliseconds by,
                        const std::function<bool(std::string_view, std::string_view)>& is_time);

}  // namespace ticker::venue_sim
