#include "replay.hpp"

#include <CLI/CLI.hpp>

#include <fstream>
#include <memory>
#include <string_view>
#include <variant>

#include <ticker/ingest/played_market.hpp>
#include <ticker/protocol/request.hpp>

#include "complain.hpp"
#include "frame_difference.hpp"
#include "json_text.hpp"
#include "replayed_client.hpp"

namespace ticker::tickerctl {
namespace {

constexpr int kDifferent = 1;

// Where frames go, a line each.
class FramePrinter {
 public:
  FramePrinter(std::FILE* out, bool times) : out_(out), times_(times) {}

  void print(std::string_view frame, Timestamp time) {
    if (times_) {
      lines_.append(std::to_string(to_us(time))).append("000 ");
    }
    lines_.append(frame) += '\n';
    if (lines_.size() >= kFlushBytes) {
      flush();
    }
  }
  // False: not all was taken.
  bool flush() {
    failed_ = failed_ || std::fwrite(lines_.data(), 1, lines_.size(), out_) != lines_.size() ||
              std::fflush(out_) != 0;
    lines_.clear();
    return !failed_;
  }

 private:
  static constexpr std::size_t kFlushBytes = 256U << 10;
  std::FILE* out_;
  const bool times_;
  std::string lines_;
  bool failed_ = false;
};

// Compares frames with the lines of a file, up to the first that differs.
class FrameVerifier {
 public:
  explicit FrameVerifier(const std::string& path) : golden_(path, std::ios::binary) {}
  bool is_open() const { return golden_.good(); }

  void compare(std::string_view frame) {
    if (!difference_.empty()) {
      return;
    }
    ++number_;
    if (!std::getline(golden_, line_)) {
      tell("the golden file ends here; the replay goes on with " + shown(frame));
    } else if (line_ != frame) {
      tell(frame_difference(line_, frame));
    }
  }
  void end() {
    if (difference_.empty() && std::getline(golden_, line_)) {
      ++number_;
      tell("the replay ends here; the golden file goes on with " + shown(line_));
    }
  }
  // Empty: there is none.
  const std::string& difference() const { return difference_; }
  std::size_t frames() const { return number_; }

 private:
  void tell(const std::string& what) {
    difference_ = "frame " + std::to_string(number_) + ": " + what;
  }
  static std::string shown(std::string_view frame) {
    constexpr std::size_t kMost = 100;
    return json_text(frame.substr(0, kMost)) + (frame.size() > kMost ? "…" : "");
  }

  std::ifstream golden_;
  std::string line_;
  std::size_t number_ = 0;
  std::string difference_;
};

Result<std::vector<ingest::Playback::Track>> tracks(const ReplayArguments& arguments) {
  const auto count = arguments.files.size();
  const auto fits = [count](const std::vector<std::string>& names) {
    return names.size() <= 1 || names.size() == count;
  };
  if (!fits(arguments.venues) || !fits(arguments.feeds)) {
    return Error{"--venue and --feed: expected one for all recordings, or one for each"};
  }
  const auto name = [](const std::vector<std::string>& names, std::size_t i) {
    return names.empty() ? std::string() : names[std::min(i, names.size() - 1)];
  };
  std::vector<ingest::Playback::Track> tracks;
  for (std::size_t i = 0; i < count; ++i) {
    tracks.push_back(
        {arguments.files[i], name(arguments.feeds, i), name(arguments.venues, i), {}});
  }
  return tracks;
}

std::string list(const std::vector<std::string>& texts) {
  std::string json;
  for (const auto& text : texts) {
    json.append(json.empty() ? "[\"" : ",\"").append(json_text(text)) += '"';
  }
  return json + ']';
}

// The client's request, read as the service reads it.
Result<protocol::Subscribe> subscription(const ReplayArguments& arguments) {
  // A plain name may be that of an instrument that the recording brings only later.
  std::string json = R"({"op":"subscribe","wait":true,"channel":")" + json_text(arguments.channel) +
                     R"(","symbols":)" + list(arguments.symbols);
  if (!arguments.fields.empty()) {
    json += R"(,"fields":)" + list(arguments.fields);
  }
  if (arguments.interval_ms) {
    json += R"(,"interval_ms":)" + std::to_string(*arguments.interval_ms);
  }
  auto request = protocol::parse_request(json + '}');
  if (const auto* error = std::get_if<protocol::RequestError>(&request)) {
    return Error{error->message};
  }
  return std::get<protocol::Subscribe>(std::get<protocol::Request>(std::move(request)));
}

}  // namespace

int replay(const ReplayArguments& arguments, std::FILE* out, std::FILE* complaints) {
  const auto from = tracks(arguments);
  if (!from) {
    return complain(complaints, from.error().message);
  }
  auto subscribe = subscription(arguments);
  if (!subscribe) {
    return complain(complaints, subscribe.error().message);
  }
  FrameVerifier verifier(arguments.verify);
  const bool verifies = !arguments.verify.empty();
  if (verifies && !verifier.is_open()) {
    return complain(complaints, arguments.verify + ": can't be read");
  }
  const auto market = ingest::PlayedMarket::open(from.value(), arguments.epoch);
  if (!market) {
    return complain(complaints, market.error().message);
  }
  const bool is_final = arguments.output == "final";
  FramePrinter printer(out, arguments.times);
  ReplayedClient client(
      *market.value(),
      {arguments.epoch, arguments.connection, std::move(subscribe.value())},
      [&](std::string_view frame, Timestamp time) {
        if (verifies) {
          verifier.compare(frame);
        } else if (!is_final) {
          printer.print(frame, time);
        }
      });
  if (!client.run()) {
    return complain(complaints, "the hub closed the connection");
  }
  if (is_final) {
    const auto body = client.hub().read_tickers({arguments.symbols, market::FieldSet::all()});
    printer.print(*body.text, kNoTime);
  }
  if (!printer.flush()) {
    return complain(complaints, "the output does not take more");
  }
  const auto& playback = market.value()->playback();
  for (const auto& line : playback.damage()) {
    complain(complaints, line);
  }
  if (playback.damages() > 0) {
    return kFailed;
  }
  if (verifies) {
    verifier.end();
    if (!verifier.difference().empty()) {
      complain(complaints, arguments.verify + ": " + verifier.difference());
      return kDifferent;
    }
    std::fprintf(out, "%zu frames are as in %s\n", verifier.frames(), arguments.verify.c_str());
  }
  return 0;
}

void add_replay(CLI::App& app, int& exit_code) {
  auto arguments = std::make_shared<ReplayArguments>();
  auto* const command = app.add_subcommand(
      "replay", "The frames that a client gets while recordings play, the same on every run");
  command->add_option("FILE", arguments->files, "Recordings, played on one clock")->required();
  command
      ->add_option("--venue", arguments->venues,
                   "The adapter, e.g. binance-spot, of all or of each; else as the recording says")
      ->allow_extra_args(false);
  command
      ->add_option("--feed", arguments->feeds,
                   "The venue part of the symbols, of all or of each; else as the recording says")
      ->allow_extra_args(false);
  command->add_option("--subscribe", arguments->symbols, "Symbols and patterns, a,b*")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->capture_default_str();
  command->add_option("--fields", arguments->fields, "Only these fields, a,b")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_option("--channel", arguments->channel, "ticker, trades or status")
      ->capture_default_str();
  command->add_option("--interval", arguments->interval_ms,
                      "Least milliseconds between two deltas; 0: after every message");
  command->add_option("--epoch", arguments->epoch, "What the frames name")->capture_default_str();
  command
      ->add_option("--connection", arguments->connection,
                   "The client's number, which decides its place in the interval")
      ->capture_default_str();
  command->add_option("--output", arguments->output, "frames, or final: the state at the end")
      ->check(CLI::IsMember({"frames", "final"}))
      ->capture_default_str();
  command->add_flag("--times", arguments->times,
                    "Before each frame, when it was sent: nanoseconds, as in a recording");
  command->add_option("--verify", arguments->verify,
                      "Print nothing; compare with the frames in this file");
  command->callback(
      [arguments, &exit_code] { exit_code = replay(*arguments, stdout, stderr); });
}

}  // namespace ticker::tickerctl
