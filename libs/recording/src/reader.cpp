#include <ticker/recording/reader.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <utility>

#include <ticker/recording/segment_file.hpp>

#include "frame.hpp"
#include "source.hpp"

namespace ticker::recording {
namespace {

constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::min();

Result<std::unique_ptr<Source>> open_source(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    return Error{path + ": " + std::strerror(errno)};
  }
  std::array<char, kSignature.size()> beginning;
  const auto got = std::fread(beginning.data(), 1, beginning.size(), file.get());
  std::rewind(file.get());
  // A name counts where the beginning is damaged, or not written yet.
  const bool is_segment =
      path.ends_with(kSegmentSuffix) || std::string_view(beginning.data(), got) == kSignature;
  return is_segment ? make_segment_source(std::move(file)) : make_line_source(std::move(file));
}

Result<std::vector<std::string>> files_of(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return std::vector<std::string>{path};
  }
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (auto file = entry->path().string(); file.ends_with(kSegmentSuffix)) {
      files.push_back(std::move(file));
    }
  }
  if (error) {
    return Error{path + ": " + error.message()};
  }
  if (files.empty()) {
    return Error{path + ": a folder without segments (*" + kSegmentSuffix + ")"};
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

// The files one after another.
class Reader::Files {
 public:
  // Requires: one file at least.
  explicit Files(std::vector<std::string> files) : files_(std::move(files)) {}

  Status open_next() {
    auto opened = open_source(files_[at_++]);
    if (!opened) {
      return opened.error();
    }
    source_ = std::move(opened.value());
    source_->skip_before(skip_before_);
    header_ = source_->header();
    return {};
  }

  ReadResult next(Message& message) {
    for (;;) {
      if (!source_ && at_ == files_.size()) {
        return ReadResult::kEnd;
      }
      if (!source_) {
        // It was there when the folder was read.
        if (const auto opened = open_next(); !opened) {
          damage_ = {files_[at_ - 1], 0, opened.error().message};
          return ReadResult::kDamaged;
        }
      }
      const auto result = source_->next(message);
      if (result == ReadResult::kEnd) {
        source_.reset();
      } else if (result == ReadResult::kDamaged) {
        damage_ = source_->damage();
        damage_.file = files_[at_ - 1];
        return result;
      } else if (message.receive_ns >= skip_before_) {
        if (std::exchange(skip_before_, kAll) != kAll) {
          source_->skip_before(kAll);
        }
        return result;
      }
    }
  }

  void seek(std::int64_t receive_ns) {
    skip_before_ = receive_ns;
    source_.reset();
    at_ = 0;
  }

  const Damage& damage() const { return damage_; }
  const Header& header() const { return header_; }
  std::size_t file() const { return at_ == 0 ? 0 : at_ - 1; }
  const std::vector<std::string>& files() const { return files_; }

 private:
  const std::vector<std::string> files_;
  std::size_t at_ = 0;  // of files_, which one is next
  std::unique_ptr<Source> source_;
  Header header_;
  std::int64_t skip_before_ = kAll;
  Damage damage_;
};

Result<Reader> Reader::open(const std::string& path) { return open(std::vector{path}); }

Result<Reader> Reader::open(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const auto& path : paths) {
    const auto more = files_of(path);
    if (!more) {
      return more.error();
    }
    files.insert(files.end(), more->begin(), more->end());
  }
  if (files.empty()) {
    return Error{"no recording is named"};
  }
  auto opened = std::make_unique<Files>(std::move(files));
  if (const auto first = opened->open_next(); !first) {
    return first.error();
  }
  return Reader(std::move(opened));
}

Reader::Reader(std::unique_ptr<Files> files) : files_(std::move(files)) {}
Reader::Reader(Reader&&) noexcept = default;
Reader& Reader::operator=(Reader&&) noexcept = default;
Reader::~Reader() = default;

Reader::ReadResult Reader::next(Message& message) { return files_->next(message); }
const Reader::Damage& Reader::damage() const { return files_->damage(); }
const Header& Reader::header() const { return files_->header(); }
std::size_t Reader::file() const { return files_->file(); }
void Reader::seek(std::int64_t receive_ns) { files_->seek(receive_ns); }
const std::vector<std::string>& Reader::files() const { return files_->files(); }

}  // namespace ticker::recording
