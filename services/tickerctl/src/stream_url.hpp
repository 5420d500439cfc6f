#pragma once

#include <string>

#include <ticker/base/result.hpp>

namespace ticker::tickerctl {

// The stream's URL for what a user typed as the service's address: `http://` stands for `ws://`, `https://` for `wss://`,
// and where there is no path it is `/v1/stream`. The error is one line.
Result<std::string> stream_url(const std::string& text);

}  // namespace ticker::tickerctl
