#include "stream_url.hpp"

#include <algorithm>

#include <ticker/net/url.hpp>

namespace ticker::tickerctl {

Result<std::string> stream_url(const std::string& text) {
  std::string url = text;
  if (url.starts_with("http://") || url.starts_with("https://")) {
    url.replace(0, 4, "ws");
  }
  net::Url parsed;
  if (const auto error = net::parse_url(url, parsed)) {
    return Error{error->message};
  }
  if (parsed.target == "/" || parsed.target.starts_with("/?")) {
    const std::size_t authority = url.find("://") + 3;
    const std::size_t path = std::min(url.find_first_of("/?#", authority), url.size());
    url = url.substr(0, path) + "/v1/stream" + parsed.target.substr(1);
  }
  return url;
}

}  // namespace ticker::tickerctl
