#include <algorithm>
#include <string>
#include <utility>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Bybit v5. A topic is the venue's own: "tickers.BTCUSDT".
namespace ticker::venue_sim {
namespace {

constexpr const char* kConnection = "0970e817-426e-429a-a679-ff7f55e0b16a";
constexpr std::size_t kSpotArgs = 10;      // of one request
constexpr std::size_t kArgsText = 21'000;  // of all topics of a connection

class Bybit final : public Protocol {
 public:
  explicit Bybit(BybitMarket market) : market_(market) {}

  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    const auto topic = parse_json(message, json) ? text_member(json, "topic") : std::string_view();
    return topic.empty() ? std::vector<std::string>() : std::vector{std::string(topic)};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "ts" || key == "cts" || key == "T";
  }

  // The deltas of a derivative's ticker say nothing by themselves.
  bool merges(std::string_view topic) const override {
    return market_ == BybitMarket::kLinear && topic.starts_with("tickers.");
  }
  bool begins_anew(std::string_view message) const override {
    rapidjson::Document json;
    return parse_json(message, json) && text_member(json, "type") == "snapshot";
  }
  std::string merged(const std::vector<std::string_view>& messages) const override {
    rapidjson::Document state;
    for (const auto message : messages) {
      rapidjson::Document change(&state.GetAllocator());
      if (!parse_json(message, change) || !member(change, "data").IsObject()) {
        continue;
      }
      if (!member(state, "data").IsObject() || text_member(change, "type") == "snapshot") {
        state.CopyFrom(change, state.GetAllocator());
        continue;
      }
      put(state, "cs", member(change, "cs"), state);
      put(state, "ts", member(change, "ts"), state);
      for (const auto& [name, value] : std::as_const(change)["data"].GetObject()) {
        put(state["data"], name.GetString(), value, state);
      }
    }
    if (!member(state, "data").IsObject()) {
      return {};
    }
    put(state, "type", rapidjson::Value("snapshot"), state);
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    state.Accept(writer);
    return taken(buffer);
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    rapidjson::Document json;
    const auto op = parse_json(text, json) ? text_member(json, "op") : std::string_view();
    if (op == "ping") {
      answer(json, op, true, "pong", peer);
      return;
    }
    const auto& args = member(json, "args");
    if ((op != "subscribe" && op != "unsubscribe") || !args.IsArray()) {
      answer(json, op, false, "error:request is not valid", peer);
      return;
    }
    // One topic that can't be had refuses the whole request.
    const auto why = op == "subscribe" ? refusal(args, peer) : std::string();
    if (!why.empty()) {
      answer(json, op, false, why, peer);
      return;
    }
    for (const auto& arg : args.GetArray()) {
      const auto topic = text_of(arg);
      if (op == "subscribe") {
        peer.subscribe(topic, !topic.starts_with("publicTrade."));
        args_text_ += topic.size();
      } else {
        peer.unsubscribe(topic);
      }
    }
    answer(json, op, true, market_ == BybitMarket::kSpot ? op : std::string_view(), peer);
  }

 private:
  static void put(rapidjson::Value& object, const char* name, const rapidjson::Value& value,
                  rapidjson::Document& owner) {
    auto& allocator = owner.GetAllocator();
    rapidjson::Value copy(value, allocator);
    if (object.HasMember(name)) {
      object[name] = std::move(copy);
    } else {
      object.AddMember(rapidjson::Value(name, allocator), std::move(copy), allocator);
    }
  }

  // Empty: all can be had.
  std::string refusal(const rapidjson::Value& args, const Peer& peer) const {
    if (market_ == BybitMarket::kSpot && args.Size() > kSpotArgs) {
      return "args size >10";
    }
    std::size_t size = args_text_;
    const auto subscribed = peer.subscriptions();
    for (const auto& arg : args.GetArray()) {
      const auto topic = text_of(arg);
      size += topic.size();
      if (size > kArgsText) {
        return "error:args text is too long";
      }
      if (peer.refuses(topic.substr(topic.rfind('.') + 1))) {
        return "error:handler not found,topic:" + std::string(topic);
      }
      if (std::binary_search(subscribed.begin(), subscribed.end(), topic)) {
        return "error:already subscribed,topic:" + std::string(topic);
      }
    }
    return {};
  }

  void answer(const rapidjson::Value& request, std::string_view op, bool success,
              std::string_view text, Peer& peer) const {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    writer.Key("success");
    writer.Bool(success);
    write_member(writer, "ret_msg", text);
    write_member(writer, "conn_id", kConnection);
    const auto id = text_member(request, "req_id");
    if (market_ == BybitMarket::kLinear || !id.empty()) {
      write_member(writer, "req_id", id);
    }
    write_member(writer, "op", op);
    writer.EndObject();
    peer.reply(taken(buffer));
  }

  const BybitMarket market_;
  std::size_t args_text_ = 0;  // subscribed to on this connection
};

}  // namespace

std::unique_ptr<Protocol> make_bybit(BybitMarket market) { return std::make_unique<Bybit>(market); }

}  // namespace ticker::venue_sim
