#pragma once

#include <string>
#include <vector>

#include <ticker/ingest/playback.hpp>

namespace ticker::tickerd {

// What of `folder` is to be played as the recording `name`: a file (its `.rec.zst` may be left out), a folder of segments, or
// a folder of such folders, one a feed, on one clock. Empty: there is none. Blocking.
// Requires: protocol::recording_name_fault(name) is empty.
std::vector<ingest::Playback::Track> find_recording(const std::string& folder, const std::string& name);

}  // namespace ticker::tickerd
