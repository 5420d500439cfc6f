#pragma once

#include <string>
#include <string_view>

namespace ticker::tickerctl {

// In words, what is the first difference between two server messages that are not equal: which
// symbol, which field, both values. `wanted` is the golden one.
std::string frame_difference(std::string_view wanted, std::string_view got);

}  // namespace ticker::tickerctl
