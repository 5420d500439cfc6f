#include "segment_folder.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>
#include <vector>

#include <ticker/recording/segment_file.hpp>

namespace ticker::recording {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kTimeSize = 15;              // 20240808T235415
constexpr std::size_t kNameSize = kTimeSize + 11;  // .123456789Z

// Sorts by time: `20240808T235415.123456789Z.rec.zst`.
std::string name_of(std::int64_t ns) {
  const time_t seconds = ns / kSecond;
  tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%09lldZ",
                static_cast<long long>(ns % kSecond));
  return std::string(text.data()) + kSegmentSuffix;
}

// The time that a segment's name says; nullopt: it is not one of ours.
std::optional<std::int64_t> time_of(const std::string& name) {
  tm parts{};
  std::int64_t ns = 0;
  const char* const behind = strptime(name.c_str(), "%Y%m%dT%H%M%S", &parts);
  if (behind != name.c_str() + kTimeSize ||
      name.size() != kNameSize + std::string_view(kSegmentSuffix).size() ||
      std::from_chars(behind + 1, behind + 10, ns).ptr != behind + 10) {
    return std::nullopt;
  }
  ns += timegm(&parts) * kSecond;
  return name_of(ns) == name ? std::optional(ns) : std::nullopt;
}

struct Found {
  fs::path path;
  std::int64_t ns;
  std::uint64_t bytes;
};

// Oldest first.
std::vector<Found> segments_in(const std::string& folder) {
  std::vector<Found> all;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code no_size;
    const auto ns = time_of(entry->path().filename().string());
    const auto bytes = entry->file_size(no_size);
    if (ns && !no_size) {
      all.push_back({entry->path(), *ns, bytes});
    }
  }
  std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) { return a.ns < b.ns; });
  return all;
}

}  // namespace

Result<std::string> SegmentFolder::next(std::int64_t first_ns) const {
  std::error_code error;
  fs::create_directories(path_, error);
  if (error) {
    return Error{path_ + ": " + error.message()};
  }
  const auto others = segments_in(path_);
  const auto after = others.empty() ? std::int64_t{0} : others.back().ns + 1;
  return (fs::path(path_) / name_of(std::max(first_ns, after))).string();
}

std::size_t SegmentFolder::delete_down_to(std::uint64_t bytes) const {
  const auto segments = segments_in(path_);
  std::uint64_t total = 0;
  for (const auto& segment : segments) {
    total += segment.bytes;
  }
  std::size_t deleted = 0;
  for (auto segment = segments.begin(); segment != segments.end() && total > bytes; ++segment) {
    std::error_code error;
    if (fs::remove(segment->path, error)) {
      total -= segment->bytes;
      ++deleted;
    }
  }
  return deleted;
}

}  // namespace ticker::recording
