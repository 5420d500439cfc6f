#include "recording_header.hpp"

#include <utility>

#include <ticker/feed/json_description.hpp>

namespace ticker::ingest {

Result<recording::Header> recording_header(const FeedOptions& options,
                                           const std::vector<std::string>& natives) {
  recording::Header header;
  header.feed = options.name;
  header.adapter = options.adapter;
  header.url = recording::public_url(options.url);
  header.trades = options.trades;
  if (!options.json.messages.empty()) {
    auto text = feed::to_text({options.json, options.socket.heartbeat_answer});
    if (!text) {
      return Error{"feed '" + options.name + "': can't be recorded: " + text.error().message};
    }
    header.description = std::move(text).value();
  }
  for (std::size_t i = 0; i < natives.size(); ++i) {
    header.symbols.push_back({options.symbols[i].canonical, natives[i]});
  }
  return header;
}

void renew(std::unique_ptr<recording::Recorder>& recorder, const FeedOptions& options,
           const std::vector<std::string>& natives,
           const std::shared_ptr<metrics::RecordingStats>& stats) {
  stats->is_on.set(options.record ? 1 : 0);
  if (!options.record) {
    recording::Recorder::retire(std::move(recorder));
    return;
  }
  recorder = std::make_unique<recording::Recorder>(
      *options.record, recording_header(options, natives).value(), stats, std::move(recorder));
}

}  // namespace ticker::ingest
