#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/ingest/feed_options.hpp>

namespace ticker::ingest {

// What the venue calls each of the options' symbols, in their order. `derive`: from a canonical
// name. Error: there is none, or two are the same.
Result<std::vector<std::string>> native_names(
    const FeedOptions& options,
    const std::function<std::optional<std::string>(std::string_view canonical)>& derive);

}  // namespace ticker::ingest
