#pragma once

#include <string>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/recording/header.hpp>

namespace ticker::ingest {

// What the recording of a feed says of itself. `natives`: of its symbols, in their order. Error: a
// recording can't say it.
Result<recording::Header> recording_header(const FeedOptions& options,
                                           const std::vector<std::string>& natives);

}  // namespace ticker::ingest
