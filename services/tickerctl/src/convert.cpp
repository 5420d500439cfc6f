#include "convert.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <memory>
#include <optional>
#include <utility>

#include <ticker/feed/adapter.hpp>
#include <ticker/recording/line_file.hpp>
#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment_file.hpp>

#include "complain.hpp"

namespace ticker::tickerctl {
namespace {

using recording::Kind;
using recording::LineFile;
using recording::Record;
using recording::SegmentFile;
using ReadResult = recording::Reader::ReadResult;

constexpr int kDamaged = 1;

// The file that is written, in either format.
class Output {
 public:
  static Result<Output> create(const std::string& path, const recording::Header& header) {
    Output output;
    if (path.ends_with(recording::kSegmentSuffix)) {
      auto file = SegmentFile::create(path, header);
      if (!file) {
        return file.error();
      }
      output.segment_.emplace(std::move(file.value()));
      return output;
    }
    if (!path.ends_with(".raw") && !path.ends_with(".raw.gz")) {
      return Error{path + ": expected a name that ends in .raw, .raw.gz or " +
                   recording::kSegmentSuffix};
    }
    auto file = LineFile::create(path);
    if (!file) {
      return file.error();
    }
    output.lines_.emplace(std::move(file.value()));
    return output;
  }

  bool can_hold(const Record& record) const { return segment_ || LineFile::can_hold(record); }
  Status write(const Record& record) {
    if (lines_) {
      return lines_->write(record);
    }
    block_.append(record);
    return block_.is_full() ? write_block() : Status();
  }
  Status end() {
    if (lines_) {
      return lines_->end();
    }
    auto written = block_.is_empty() ? Status() : write_block();
    return written ? segment_->end() : written;
  }

 private:
  Status write_block() {
    auto written = segment_->write(block_);
    block_.clear();
    return written;
  }

  std::optional<SegmentFile> segment_;
  recording::Block block_;
  std::optional<LineFile> lines_;
};

// What could not be kept, in words; empty: everything was.
class LeftOut {
 public:
  void add(Kind kind) { ++counts_[static_cast<std::size_t>(kind)]; }
  std::string text() const {
    constexpr auto kNames = std::to_array<const char*>(
        {"received with line ends", "received as binary", "sent", "connected", "disconnected",
         "marks of what was not recorded", "took over"});
    static_assert(kNames.size() == recording::kKindCount);
    std::string text;
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
      if (counts_[kind] != 0) {
        text += (text.empty() ? "" : ", ") + std::to_string(counts_[kind]) + ' ' + kNames[kind];
      }
    }
    return text;
  }

 private:
  std::array<std::uint64_t, recording::kKindCount> counts_{};
};

// The header of what is written: the recording's, or one of the venue that was named.
Result<recording::Header> header_for(const recording::Header& header, const std::string& venue) {
  auto made = header;
  if (!venue.empty()) {
    made.adapter = venue;
    made.description.clear();
  }
  if (!made.adapter.empty() && made.description.empty()) {
    if (const auto adapter = feed::make_adapter(made.adapter, {.trades = ""}); !adapter) {
      return adapter.error();
    }
  }
  return made;
}

}  // namespace

int convert(const ConvertArguments& arguments, std::FILE* complaints) {
  auto reader = recording::Reader::open(arguments.from);
  if (!reader) {
    return complain(complaints, reader.error().message);
  }
  const auto header = header_for(reader->header(), arguments.venue);
  if (!header) {
    return complain(complaints, header.error().message);
  }
  auto output = Output::create(arguments.to, header.value());
  if (!output) {
    return complain(complaints, output.error().message);
  }
  auto of_file = reader->header();
  bool has_other_header = false;
  std::uint64_t written = 0;
  LeftOut left_out;
  const auto write = [&](const Record& record) {
    if (!output->can_hold(record)) {
      left_out.add(record.kind);
      return Status();
    }
    ++written;
    return output->write(record);
  };
  int exit_code = 0;
  std::optional<std::int64_t> last_ns;
  recording::Reader::Message message;
  for (auto result = reader->next(message); result != ReadResult::kEnd;
       result = reader->next(message)) {
    if (result == ReadResult::kDamaged) {
      const auto& damage = reader->damage();
      complain(complaints, damage.file + ": damaged at byte " + std::to_string(damage.offset) +
                               ": " + damage.what);
      exit_code = kDamaged;
      // What goes on behind it goes on behind a gap, also for who reads the new file.
      if (last_ns) {
        if (const auto status = write({*last_ns, Kind::kLost, 0, {}}); !status) {
          return complain(complaints, status.error().message);
        }
      }
      continue;
    }
    last_ns = message.receive_ns;
    has_other_header = has_other_header || reader->header().symbols != of_file.symbols ||
                       reader->header().adapter != of_file.adapter ||
                       reader->header().description != of_file.description;
    const Record record{
        message.receive_ns, message.kind, message.connection, {message.data, message.size}};
    if (const auto status = write(record); !status) {
      return complain(complaints, status.error().message);
    }
  }
  if (const auto status = output->end(); !status) {
    return complain(complaints, status.error().message);
  }
  const auto missing = left_out.text();
  std::fprintf(complaints, "%llu records written to %s%s%s%s\n",
               static_cast<unsigned long long>(written), arguments.to.c_str(),
               missing.empty() ? "" : "; left out, as that format can't hold it: ", missing.c_str(),
               has_other_header ? "; of several headers, the first was kept" : "");
  return exit_code;
}

void add_convert(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ConvertArguments>();
  auto* const command =
      app.add_subcommand("convert", "Write a recording anew, in another format or in full blocks");
  command->add_option("FROM", arguments->from, "Files in order, or the folder of a feed's segments")
      ->required();
  command
      ->add_option("--to", arguments->to,
                   "A new file: .rec.zst (keeps everything), .raw.gz or .raw")
      ->required();
  command->add_option("--venue", arguments->venue,
                      "The adapter, where the recording does not say it");
  command->callback([arguments, &exit_code] { exit_code = convert(*arguments, stderr); });
}

}  // namespace ticker::tickerctl
