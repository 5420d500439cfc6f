#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include <ticker/recording/reader.hpp>

namespace ticker::recording {

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// One file of a recording, in whatever format.
class Source {
 public:
  virtual ~Source() = default;

  [[nodiscard]] virtual Reader::ReadResult next(Reader::Message& message) = 0;
  // Of the last kDamaged, without the file's name.
  virtual const Reader::Damage& damage() const = 0;
  virtual const Header& header() const = 0;
  // Messages before that time are not wanted; some may still come.
  virtual void skip_before(std::int64_t) {}
};

std::unique_ptr<Source> make_line_source(File file);
std::unique_ptr<Source> make_segment_source(File file);

}  // namespace ticker::recording
