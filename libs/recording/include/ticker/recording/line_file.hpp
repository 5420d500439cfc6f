#pragma once

#include <memory>
#include <string>

#include <ticker/base/result.hpp>
#include <ticker/recording/record.hpp>

namespace ticker::recording {

// Writes a file of lines, `RECV_NS SPACE MESSAGE LF`, compressed if its name ends in `.gz`.
// Blocking; one thread.
class LineFile {
 public:
  // A new file; one that exists already is an error.
  static Result<LineFile> create(const std::string& path);
  LineFile(LineFile&&) noexcept;
  LineFile& operator=(LineFile&&) noexcept;
  ~LineFile();

  // Whether it can be a line: a text message that was received, without line ends.
  static bool can_hold(const Record& record);
  // Requires: can_hold(record).
  Status write(const Record& record);
  // Nothing may be written after it.
  Status end();

 private:
  class Impl;
  explicit LineFile(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::recording
