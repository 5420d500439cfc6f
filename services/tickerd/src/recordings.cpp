#include "recordings.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <ticker/recording/segment_file.hpp>

namespace ticker::tickerd {
namespace {

namespace fs = std::filesystem;

bool holds_segments(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().string().ends_with(recording::kSegmentSuffix)) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<ingest::Playback::Track> find_recording(const std::string& folder, const std::string& name) {
  std::error_code error;
  const fs::path path = fs::path(folder) / name;
  // Nothing else is opened: a pipe would hold whoever reads it.
  for (const fs::path& file : {path, fs::path(path.string() + recording::kSegmentSuffix)}) {
    if (fs::is_regular_file(file, error)) {
      return {{file.string(), {}, {}, {}}};
    }
  }
  if (holds_segments(path)) {
    return {{path.string(), {}, {}, {}}};
  }
  std::vector<ingest::Playback::Track> tracks;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code no_folder;
    if (entry->is_directory(no_folder) && holds_segments(entry->path())) {
      tracks.push_back({entry->path().string(), {}, {}, {}});
    }
  }
  // Messages of one time come in the order of the tracks.
  std::sort(tracks.begin(), tracks.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return tracks;
}

}  // namespace ticker::tickerd
