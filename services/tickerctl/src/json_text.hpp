#pragma once

#include <string>
#include <string_view>

namespace ticker::tickerctl {

// `text` as it stands between the quotes of a JSON string; what is not UTF-8 becomes U+FFFD.
std::string json_text(std::string_view text);

}  // namespace ticker::tickerctl
