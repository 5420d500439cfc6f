#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ticker/base/result.hpp>
#include <ticker/ingest/feed_options.hpp>
#include <ticker/recording/header.hpp>
#include <ticker/recording/recorder.hpp>

namespace ticker::ingest {

// What the recording of a feed says of itself. `natives`: of its symbols, in their order. Error: a
// recording can't say it.
Result<recording::Header> recording_header(const FeedOptions& options,
                                           const std::vector<std::string>& natives);
// The feed is recorded as its options say from now on. Requires: nobody uses the recorder.
void renew(std::unique_ptr<recording::Recorder>& recorder, const FeedOptions& options,
           const std::vector<std::string>& natives,
           const std::shared_ptr<metrics::RecordingStats>& stats);

}  // namespace ticker::ingest
