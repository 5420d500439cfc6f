#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Binance. Streams are named in the URL or by SUBSCRIBE; a topic is a stream's
// name.
namespace ticker::venue_sim {
namespace {

using std::chrono::milliseconds;

// How a message of a combined stream begins; the stream's name follows.
constexpr std::string_view kWrapped = R"({"stream":")";

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return result;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return std::toupper(c); });
  return result;
}

// The stream of a payload that was recorded without its wrapping; empty: not a market event.
std::string raw_topic(const rapidjson::Value& payload) {
  const auto symbol = lower(text_member(payload, "s"));
  const auto event = text_member(payload, "e");
  if (symbol.empty()) {
    return {};
  }
  if (event.empty()) {
    return payload.HasMember("B") && payload.HasMember("A") ? symbol + "@bookTicker"
                                                            : std::string();
  }
  if (event == "24hrTicker") return symbol + "@ticker";
  if (event == "24hrMiniTicker") return symbol + "@miniTicker";
  if (event == "depthUpdate") return symbol + "@depth";
  return symbol + "@" + std::string(event);
}

// Part 1.6.1: which of USD-M's paths carries a stream. `trade` is undocumented; newer clients found
// it on the public one.
bool path_carries(std::string_view target, std::string_view topic) {
  const auto at = topic.find('@');
  const auto stream = at == std::string_view::npos ? topic : topic.substr(at);
  const bool is_public = stream.starts_with("@bookTicker") || stream.starts_with("@depth") ||
                         stream.starts_with("@rpiDepth") || stream == "@trade" ||
                         topic == "!bookTicker";
  return target.starts_with("/market/") != is_public;
}

class Binance final : public Protocol {
 public:
  explicit Binance(BinanceMarket market) : market_(market) {}

  std::vector<std::string> topics(std::string_view message) const override {
    // A recording of a busy symbol has a hundred thousand of these: no need to parse them whole.
    if (message.starts_with(kWrapped)) {
      const auto stream = message.substr(kWrapped.size());
      return {std::string(stream.substr(0, stream.find('"')))};
    }
    rapidjson::Document json;
    if (!parse_json(message, json) || !json.IsObject()) {
      return {};
    }
    const auto stream = text_member(json, "stream");
    const auto topic = stream.empty() ? raw_topic(json) : std::string(stream);
    return topic.empty() ? std::vector<std::string>() : std::vector{topic};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "E" || key == "T";
  }

  std::string_view framed(std::string_view message) const override {
    static constexpr std::string_view kData = R"("data":)";
    const auto data = message.find(kData);
    if (combined_ || !message.starts_with(kWrapped) || data == std::string_view::npos) {
      return message;
    }
    const auto payload = message.substr(data + kData.size());
    return payload.substr(0, payload.rfind('}'));
  }

  void opened(std::string_view target, Peer& peer, Timestamp) override {
    target_ = target;
    static constexpr std::string_view kStreams = "streams=";
    std::string_view names;
    if (const auto query = target.find(kStreams); query != std::string_view::npos) {
      names = target.substr(query + kStreams.size());
      names = names.substr(0, names.find('&'));
    } else if (const auto path = target.find("/ws/"); path != std::string_view::npos) {
      names = target.substr(path + 4);
      names = names.substr(0, names.find('?'));
    }
    const auto path = target.substr(0, target.find('?'));
    combined_ = path.ends_with("/stream");
    const auto decoded = percent_decoded(names);
    for (std::string_view rest = decoded; !rest.empty();) {
      const auto slash = std::min(rest.find('/'), rest.size());
      subscribe(rest.substr(0, slash), peer);
      rest.remove_prefix(std::min(slash + 1, rest.size()));
    }
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    rapidjson::Document json;
    if (!parse_json(text, json) || !json.IsObject()) {
      peer.reply(R"({"code": 3, "msg": "Invalid JSON: expected value at line 1 column 1"})");
      return;
    }
    const auto method = text_member(json, "method");
    const auto& params = member(json, "params");
    if (method == "SUBSCRIBE" || method == "UNSUBSCRIBE") {
      for (rapidjson::SizeType i = 0; params.IsArray() && i < params.Size(); ++i) {
        if (method == "SUBSCRIBE") {
          subscribe(text_of(params[i]), peer);
        } else {
          peer.unsubscribe(text_of(params[i]));
        }
      }
      reply(json, peer, [](JsonWriter& writer) { writer.Null(); });
    } else if (method == "LIST_SUBSCRIPTIONS") {
      reply(json, peer, [&](JsonWriter& writer) {
        writer.StartArray();
        for (const auto& topic : peer.subscriptions()) {
          write_text(writer, topic);
        }
        writer.EndArray();
      });
    } else if (method == "SET_PROPERTY" || method == "GET_PROPERTY") {
      property(json, params, method == "SET_PROPERTY", peer);
    } else if (method.empty()) {
      peer.reply(
          R"({"code": 2, "msg": "Invalid request: missing field `method` at line 1 column )" +
          std::to_string(text.size()) + "\"}");
    } else {
      peer.reply(unknown_method(method));
    }
  }

  RequestLimit request_limit() const override {
    return {market_ == BinanceMarket::kSpot ? std::size_t{5} : std::size_t{10},
            std::chrono::seconds(1)};
  }

  milliseconds ping_interval() const override {
    return market_ == BinanceMarket::kSpot ? std::chrono::seconds(20) : std::chrono::minutes(3);
  }

  std::string planned_close_notice(Timestamp now) const override {
    const auto event = R"({"e":"serverShutdown","E":)" + std::to_string(to_us(now) / 1000) + "}";
    return combined_ ? R"({"stream":"!serverShutdown","data":)" + event + "}" : event;
  }

 private:
  // Any name is acknowledged; what the venue does not have, or not on this path, stays silent.
  void subscribe(std::string_view topic, Peer& peer) const {
    const bool exists = !topic.empty() && !peer.refuses(upper(topic.substr(0, topic.find('@'))));
    const bool on_path = market_ != BinanceMarket::kUsdMargined || !peer.checks_path() ||
                         path_carries(target_, topic);
    if (exists && on_path) {
      peer.subscribe(topic, false);
    }
  }

  template <typename WriteResult>
  static void reply(const rapidjson::Value& request, Peer& peer, WriteResult&& write_result) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    writer.Key("result");
    write_result(writer);
    writer.Key("id");
    member(request, "id").Accept(writer);
    writer.EndObject();
    peer.reply(taken(buffer));
  }

  static std::string unknown_method(std::string_view method) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    writer.Key("code");
    writer.Int(2);
    write_member(writer, "msg",
                 "Invalid request: unknown variant " + std::string(method) +
                     ", expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, "
                     "`SET_PROPERTY`, `GET_PROPERTY` "
                     "at line 1 column 28");
    writer.EndObject();
    return taken(buffer);
  }

  void property(const rapidjson::Value& request, const rapidjson::Value& params, bool set,
                Peer& peer) {
    const bool known = params.IsArray() && !params.Empty() && text_of(params[0]) == "combined";
    if (!known) {
      peer.reply(R"({"code": 0, "msg": "Unknown property"})");
    } else if (!set) {
      reply(request, peer, [this](JsonWriter& writer) { writer.Bool(combined_); });
    } else if (params.Size() < 2 || !params[1].IsBool()) {
      peer.reply(R"({"code": 1, "msg": "Invalid value type: expected Boolean"})");
    } else {
      combined_ = params[1].GetBool();
      reply(request, peer, [](JsonWriter& writer) { writer.Null(); });
    }
  }

  static std::string percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned code = 0;
      if (text[i] == '%' && i + 2 < text.size() &&
          std::from_chars(text.data() + i + 1, text.data() + i + 3, code, 16).ptr ==
              text.data() + i + 3) {
        result += static_cast<char>(code);
        i += 2;
      } else {
        result += text[i];
      }
    }
    return result;
  }

  BinanceMarket market_;
  std::string target_;
  bool combined_ = false;
};

}  // namespace

std::unique_ptr<Protocol> make_binance(BinanceMarket market) {
  return std::make_unique<Binance>(market);
}

}  // namespace ticker::venue_sim
