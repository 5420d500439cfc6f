#include "normalize.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <memory>
#include <string>

#include <ticker/feed/json_description.hpp>
#include <ticker/recording/reader.hpp>

#include "complain.hpp"
#include "connections.hpp"
#include "event_writer.hpp"

namespace ticker::tickerctl {

int normalize(const std::string& file, const std::string& venue, std::FILE* out,
              std::FILE* complaints) {
  using ReadResult = recording::Reader::ReadResult;
  auto reader = recording::Reader::open(file);
  if (!reader) {
    return complain(complaints, reader.error().message);
  }
  const auto header = reader->header();
  const auto& kind = venue.empty() ? header.adapter : venue;
  if (kind.empty()) {
    return complain(complaints, file + ": does not say of which venue it is: name it with --venue");
  }
  if (const auto adapter = feed::make_recorded_adapter(kind, header.trades, header.description);
      !adapter) {
    return complain(complaints, adapter.error().message);
  }
  Connections connections(kind, header.trades, header.description);
  EventWriter writer(out);
  recording::Reader::Message message;
  int exit_code = 0;
  std::uint64_t handovers = 0;
  for (auto result = reader->next(message); result != ReadResult::kEnd;
       result = reader->next(message)) {
    if (result == ReadResult::kDamaged) {
      const auto& damage = reader->damage();
      exit_code = complain(complaints, damage.file + ": damaged at byte " +
                                           std::to_string(damage.offset) + ": " + damage.what);
      continue;
    }
    handovers += message.kind == recording::Kind::kTookOver ? 1 : 0;
    writer.set_receive_ns(message.receive_ns);
    connections.take(message, writer);
  }
  if (!writer.flush()) {
    return complain(complaints, "the output does not take more");
  }
  std::fputs(writer.summary().c_str(), complaints);
  if (handovers > 0) {
    const auto text = "handovers: " + std::to_string(handovers) +
                      ", of which both connections stand here; `tickerctl replay` makes them one\n";
    std::fputs(text.c_str(), complaints);
  }
  return exit_code;
}

void add_normalize(CLI::App& app, int& exit_code) {
  struct Arguments {
    std::string file;
    std::string venue;
  };
  auto arguments = std::make_shared<Arguments>();
  auto* const command =
      app.add_subcommand("normalize", "One JSON line per normalised event of a recording");
  command
      ->add_option("FILE", arguments->file,
                   "A recording: a file, or the folder of a feed's segments")
      ->required();
  command->add_option("--venue", arguments->venue,
                      "The adapter, e.g. binance-spot; needed where the recording does not say it");
  command->callback([arguments, &exit_code] {
    exit_code = normalize(arguments->file, arguments->venue, stdout, stderr);
  });
}

}  // namespace ticker::tickerctl
