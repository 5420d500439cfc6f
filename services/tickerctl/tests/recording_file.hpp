#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace ticker::tickerctl {

// A folder that lives as long as the test.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_((std::filesystem::temp_directory_path() / "tickerctl_XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      std::abort();
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A recording that lives as long as the test, in a folder of its own.
class RecordingFile {
 public:
  explicit RecordingFile(const std::string& content) {
    std::ofstream(path(), std::ios::binary) << content;
  }

  std::string path() const { return folder_.path() + "/recording.raw"; }

 private:
  const TemporaryFolder folder_;
};

// What a subcommand writes.
class Outputs {
 public:
  Outputs() : out_(std::tmpfile()), complaints_(std::tmpfile()) {}
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;
  ~Outputs() {
    std::fclose(out_);
    std::fclose(complaints_);
  }

  std::FILE* out() { return out_; }
  std::FILE* complaints() { return complaints_; }
  std::string out_text() { return text(out_); }
  std::string complaints_text() { return text(complaints_); }

 private:
  static std::string text(std::FILE* file) {
    std::string all;
    std::rewind(file);
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
      all += static_cast<char>(c);
    }
    return all;
  }

  std::FILE* out_;
  std::FILE* complaints_;
};

}  // namespace ticker::tickerctl
