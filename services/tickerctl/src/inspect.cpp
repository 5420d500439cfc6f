#include "inspect.hpp"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <vector>

#include <ticker/feed/adapter.hpp>
#include <ticker/recording/reader.hpp>

#include "complain.hpp"
#include "connections.hpp"
#include "inspection.hpp"

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
      inspection.damage(reader.damage().offset, reader.damage().what);
      continue;
    }
    if (message.kind == recording::Kind::kReceived) {
      inspection.message(message.receive_ns, message.size);
    }
    if (connections != nullptr) {
      connections->take(message, inspection);
    }
  }
}

}  // namespace

int inspect(const std::string& file, const std::string& venue, std::FILE* out,
            std::FILE* complaints) {
  std::optional<Connections> connections;
  std::string venue_in_words = venue;
  if (!venue.empty()) {
    if (const auto made = feed::make_adapter(venue, {.trades = ""}); !made) {
      return complain(complaints, made.error().message);
    }
    connections.emplace(venue, "");
  } else {
    const auto guesses = guess(file);
    if (!guesses) {
      return complain(complaints, guesses.error().message);
    }
    for (const auto guessed : guesses.value()) {
      venue_in_words.append(venue_in_words.empty() ? "" : " or ").append(guessed);
    }
    if (!guesses->empty()) {
      connections.emplace(std::string(guesses->front()), "");
      venue_in_words += " (guessed)";
    }
  }
  auto reader = recording::Reader::open(file);
  if (!reader) {
    return complain(complaints, reader.error().message);
  }
  Inspection inspection;
  inspect_messages(reader.value(), connections ? &*connections : nullptr, inspection);
  if (inspection.messages() == 0 && inspection.damaged()) {
    return complain(complaints,
                    file + ": holds no message that can be read: " + reader->damage().what);
  }
  const auto report = inspection.report(venue_in_words);
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
  auto* const command =
      app.add_subcommand("inspect", "What a recording holds: span, counts, gaps, damage");
  command->add_option("FILE", arguments->file, "A recording, .raw or .raw.gz")->required();
  command->add_option("--venue", arguments->venue,
                      "The adapter, e.g. binance-spot; guessed if not given");
  command->callback([arguments, &exit_code] {
    exit_code = inspect(arguments->file, arguments->venue, stdout, stderr);
  });
}

}  // namespace ticker::tickerctl
