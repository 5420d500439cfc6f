#pragma once

#include <string_view>

namespace ticker::tickerd {

// An If-None-Match header lists this tag, or is `*`. Weak tags compare as strong ones.
inline bool names_tag(std::string_view header, std::string_view etag) {
  return header == "*" || header.find(etag) != std::string_view::npos;
}

}  // namespace ticker::tickerd
