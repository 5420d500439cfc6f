#include "inspect.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include <ticker/feed/json_description.hpp>
#include <ticker/recording/reader.hpp>
#include <ticker/recording/segment.hpp>
#include <ticker/recording/segment_file.hpp>

#include "complain.hpp"
#include "connections.hpp"
#include "inspection.hpp"
#include "json_text.hpp"

namespace ticker::tickerctl {
namespace {

using ReadResult = recording::Reader::ReadResult;

constexpr int kDamaged = 1;
std::unique_ptr<feed::Adapter> adapter_for_recordings(std::string_view venue) {
  return std::move(feed::make_adapter(venue, {.trades = ""}).value());
}

// The adapters that make the most of a recording's first messages; several where they read alike.
Result<std::vector<std::string_view>> guess(const std::string& file) {
  constexpr int kMessages = 1'000;
  auto reader = recording::Reader::open(file);
  if (!reader) {
    return reader.error();
  }
  const auto& kinds = feed::adapter_kinds();
  std::vector<std::unique_ptr<feed::Adapter>> adapters;
  for (const auto kind : kinds) {
    adapters.push_back(adapter_for_recordings(kind));
  }
  std::vector<Inspection> trials(kinds.size());
  recording::Reader::Message message;
  auto result = reader->next(message);
  for (int count = 0; count < kMessages && result != ReadResult::kEnd;
       ++count, result = reader->next(message)) {
    if (result != ReadResult::kMessage || message.kind != recording::Kind::kReceived) {
      continue;
    }
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
      std::string copy(message.data, message.size);
      adapters[kind]->decode(copy.data(), copy.size(), kNoTime, trials[kind]);
    }
  }
  std::uint64_t most = 1;
  for (const auto& trial : trials) {
    most = std::max(most, trial.events());
  }
  std::vector<std::string_view> best;
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    if (trials[kind].events() == most) {
      best.push_back(kinds[kind]);
    }
  }
  return best;
}

// Without a venue each message is only counted.
void inspect_messages(recording::Reader& reader, Connections* connections, Inspection& inspection) {
  recording::Reader::Message message;
  for (auto result = reader.next(message); result != ReadResult::kEnd;
       result = reader.next(message)) {
    if (result == ReadResult::kDamaged) {
      const auto& damage = reader.damage();
      inspection.damage(reader.files().size() == 1 ? "" : damage.file + ' ', damage.offset,
                        damage.what);
      continue;
    }
    inspection.record(
        {message.receive_ns, message.kind, message.connection, {message.data, message.size}});
    if (connections != nullptr) {
      connections->take(message, inspection);
    }
  }
}

// What the segments among the files say of themselves.
std::string segments(const std::vector<std::string>& files, Inspection& inspection) {
  std::string text;
  for (const auto& file : files) {
    const auto segment = recording::read_segment(file);
    // One whose beginning was not written yet when its writer was killed is known by its name.
    if (!segment ||
        (segment->header.ticker.empty() && !file.ends_with(recording::kSegmentSuffix))) {
      continue;
    }
    const auto name = std::filesystem::path(file).filename().string();
    text += "segment      " + json_text(name) + ": " + std::to_string(segment->records) +
            " records, " + std::to_string(segment->raw_bytes) + " bytes in " +
            std::to_string(segment->file_bytes) + ", " + std::to_string(segment->blocks) +
            " blocks, feed " + json_text(segment->header.feed) + ", by tickerd " +
            json_text(segment->header.ticker) + '\n';
    if (!segment->is_ended) {
      inspection.cut(name, segment->last_ns);
    }
  }
  return text;
}

}  // namespace

int inspect(const std::string& file, const std::string& venue, std::FILE* out,
            std::FILE* complaints) {
  auto reader = recording::Reader::open(file);
  if (!reader) {
    return complain(complaints, reader.error().message);
  }
  std::optional<Connections> connections;
  std::string kind = venue.empty() ? reader->header().adapter : venue;
  std::string venue_in_words = kind;
  const auto description = reader->header().description;
  if (const auto made = feed::make_recorded_adapter(kind, "", description); !kind.empty() && !made) {
    if (!venue.empty()) {
      return complain(complaints, made.error().message);
    }
    // Its messages are counted all the same.
    kind.clear();
    venue_in_words += " (" + json_text(made.error().message) + ')';
  } else if (kind.empty()) {
    const auto guesses = guess(file);
    if (!guesses) {
      return complain(complaints, guesses.error().message);
    }
    for (const auto guessed : guesses.value()) {
      venue_in_words.append(venue_in_words.empty() ? "" : " or ").append(guessed);
    }
    if (!guesses->empty()) {
      kind = guesses->front();
      venue_in_words += " (guessed)";
    }
  }
  if (!kind.empty()) {
    connections.emplace(kind, "", description);
  }
  Inspection inspection;
  inspect_messages(reader.value(), connections ? &*connections : nullptr, inspection);
  if (inspection.messages() == 0 && inspection.damaged()) {
    return complain(complaints,
                    file + ": holds no message that can be read: " + reader->damage().what);
  }
  auto report = segments(reader->files(), inspection);
  report += inspection.report(venue_in_words);
  if (std::fwrite(report.data(), 1, report.size(), out) != report.size() || std::fflush(out) != 0) {
    return complain(complaints, "the output does not take more");
  }
  return inspection.damaged() ? kDamaged : 0;
}

void add_inspect(CLI::App& app, int& exit_code) {
  struct Arguments {
    std::string file;
    std::string venue;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* const command = app.add_subcommand(
      "inspect", "What a recording holds: span, rates, counts, gaps, cuts, damage");
  command
      ->add_option("FILE", arguments->file,
                   "A recording: a file, or the folder of a feed's segments")
      ->required();
  command->add_option(
      "--venue", arguments->venue,
      "The adapter, e.g. binance-spot; guessed where neither you nor the recording say it");
  command->callback([arguments, &exit_code] {
    exit_code = inspect(arguments->file, arguments->venue, stdout, stderr);
  });
}

}  // namespace ticker::tickerctl
