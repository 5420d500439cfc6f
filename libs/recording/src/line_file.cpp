#include <ticker/recording/line_file.hpp>

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ticker::recording {
namespace {

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

}  // namespace

class LineFile::Impl {
 public:
  Impl(gzFile file, std::string path) : file_(file), path_(std::move(path)) {}

  Status write(const std::string& text) {
    const auto size = static_cast<unsigned>(text.size());
    return gzwrite(file_.get(), text.data(), size) == static_cast<int>(size) ? Status() : failure();
  }
  Status end() { return gzclose(file_.release()) == Z_OK ? Status() : failure(); }

  std::string line;

 private:
  Status failure() const { return Error{path_ + ": " + std::strerror(errno)}; }

  std::unique_ptr<gzFile_s, CloseGzip> file_;
  const std::string path_;
};

Result<LineFile> LineFile::create(const std::string& path) {
  // x: a new one; e: not for programs that we start; T: without compression.
  const gzFile file = gzopen(path.c_str(), path.ends_with(".gz") ? "wbxe6" : "wbxeT");
  if (file == nullptr) {
    return Error{path + ": " + std::strerror(errno)};
  }
  return LineFile(std::make_unique<Impl>(file, path));
}

LineFile::LineFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LineFile::LineFile(LineFile&&) noexcept = default;
LineFile& LineFile::operator=(LineFile&&) noexcept = default;
LineFile::~LineFile() = default;

bool LineFile::can_hold(const Record& record) {
  return record.kind == Kind::kReceived && record.receive_ns >= 0 &&
         record.bytes.find_first_of("\r\n") == std::string_view::npos;
}

Status LineFile::write(const Record& record) {
  auto& line = impl_->line;
  line = std::to_string(record.receive_ns);
  line += ' ';
  line += record.bytes;
  line += '\n';
  return impl_->write(line);
}

Status LineFile::end() { return impl_->end(); }

}  // namespace ticker::recording
