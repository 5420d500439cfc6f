// A venue that the configuration describes: see JsonMapping and JsonSocket.

#include <algorithm>
#include <string>
#include <utility>

#include <ticker/feed/json_decoder.hpp>

#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

constexpr std::string_view kSymbol = "{symbol}";
constexpr std::string_view kSymbols = "{symbols}";

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

// `text` as it stands within a JSON string.
std::string within_quotes(std::string_view text) {
  const auto whole = quoted(text);
  return whole.substr(1, whole.size() - 2);
}

// `"A","B"`
std::string listed(std::span<const std::string> texts) {
  const auto whole = json_list(texts);
  return whole.substr(1, whole.size() - 2);
}

VenueRules rules_of(const JsonMapping& mapping, const JsonSocket& socket) {
  VenueRules rules;
  rules.keepalive_interval = socket.heartbeat_interval;
  rules.keepalive_is_ping_frame = socket.heartbeat.empty();
  rules.keepalive_text = socket.heartbeat;
  rules.requests_per_window = socket.requests_per_s;
  rules.request_window = std::chrono::seconds(1);
  rules.instruments_per_connection = socket.symbols_per_connection;
  rules.answers_requests = std::ranges::any_of(mapping.messages, [](const JsonMessage& message) {
    return message.means == JsonMessage::Means::kSubscribed;
  });
  return rules;
}

class JsonWebSocket final : public Adapter {
 public:
  JsonWebSocket(const JsonMapping& mapping, JsonSocket socket, std::unique_ptr<JsonDecoder> decoder)
      : socket_(std::move(socket)),
        rules_(rules_of(mapping, socket_)),
        waits_for_ready_(std::ranges::any_of(mapping.messages,
                                             [](const JsonMessage& message) {
                                               return message.means == JsonMessage::Means::kReady;
                                             })),
        decoder_(std::move(decoder)) {}

  const VenueRules& rules() const override { return rules_; }

  std::optional<std::string> native_name(std::string_view canonical) const override {
    return decoder_->native_name(canonical);
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    const auto most = socket_.symbols_per_connection;
    std::vector<ConnectionPlan> plans;
    for (const auto run : chunks(natives, most == 0 ? natives.size() : most)) {
      ConnectionPlan plan{std::string(url), {}, {run.begin(), run.end()}};
      plan.waits_for_ready = waits_for_ready_;
      if (!socket_.login.empty()) {
        plan.login = socket_.login;
      }
      for (const auto& form : socket_.subscribe) {
        add_requests(form, run, plan.requests);
      }
      plans.push_back(std::move(plan));
    }
    return plans;
  }

  void reset() override { decoder_->reset(); }
  void interrupted() override { decoder_->interrupted(); }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    if (!socket_.heartbeat_answer.empty() &&
        std::string_view(message, size) == socket_.heartbeat_answer) {
      return sink.skipped(Skipped::kControl);
    }
    decoder_->decode(message, size, receive_time, {}, sink);
  }

 private:
  void add_requests(const std::string& form, std::span<const std::string> natives,
                    std::vector<std::string>& requests) const {
    const auto add = [&](std::string_view what, const std::string& by) {
      auto request = form;
      replace_all(request, "{id}", std::to_string(requests.size() + 1));
      replace_all(request, what, by);
      requests.push_back(std::move(request));
    };
    if (form.find(kSymbols) != std::string::npos) {
      for (const auto run : chunks(natives, socket_.symbols_per_request)) {
        add(kSymbols, listed(run));
      }
    } else if (form.find(kSymbol) != std::string::npos) {
      for (const auto& native : natives) {
        add(kSymbol, within_quotes(native));
      }
    } else {
      add(kSymbols, {});
    }
  }

  const JsonSocket socket_;
  const VenueRules rules_;
  const bool waits_for_ready_;
  const std::unique_ptr<JsonDecoder> decoder_;
};

}  // namespace

Result<std::unique_ptr<Adapter>> make_json_websocket(const Adapter::Options& options) {
  auto decoder = JsonDecoder::make(options.json);
  if (!decoder) {
    return decoder.error();
  }
  return std::unique_ptr<Adapter>(
      std::make_unique<JsonWebSocket>(options.json, options.socket, std::move(decoder).value()));
}

}  // namespace ticker::feed
