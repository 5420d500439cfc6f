#include <set>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Kraken v2. A topic is CHANNEL:SYMBOL; a channel without symbols is a topic by
// itself.
namespace ticker::venue_sim {
namespace {

class KrakenV2 final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json)) {
      return {};
    }
    const std::string channel(text_member(json, "channel"));
    if (channel.empty() || channel == "heartbeat" || channel == "status") {
      return {};
    }
    std::set<std::string> topics;
    const auto& data = member(json, "data");
    for (rapidjson::SizeType i = 0; data.IsArray() && i < data.Size(); ++i) {
      if (const auto symbol = text_member(data[i], "symbol"); !symbol.empty()) {
        topics.insert(channel + ":" + std::string(symbol));
      }
    }
    if (topics.empty()) {
      topics.insert(channel);
    }
    return {topics.begin(), topics.end()};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "timestamp";
  }

  void opened(std::string_view, Peer& peer, Timestamp) override { peer.reply(status("online")); }

  void request(std::string_view text, Peer& peer, Timestamp now) override {
    rapidjson::Document json;
    const auto method = parse_json(text, json) ? text_member(json, "method") : std::string_view();
    if (method == "ping") {
      reply(json, "pong", {}, now, peer, [](JsonWriter&) {});
    } else if (method == "subscribe" || method == "unsubscribe") {
      change(method == "subscribe", json, now, peer);
    } else {
      reply(json, method.empty() ? "subscribe" : method, "Malformed request", now, peer,
            [](JsonWriter&) {});
    }
  }

  std::chrono::milliseconds heartbeat_interval() const override { return std::chrono::seconds(1); }
  bool heartbeat_only_when_idle() const override { return true; }
  void heartbeat(Peer& peer, Timestamp) override {
    if (!peer.subscriptions().empty()) {
      peer.reply(R"({"channel":"heartbeat"})");
    }
  }

  std::string planned_close_notice(Timestamp) const override { return status("maintenance"); }

 private:
  static std::string status(std::string_view system) {
    return R"({"channel":"status","data":[{"api_version":"v2","connection_id":13834774380200032777,"system":")" +
           std::string(system) + R"(","version":"2.0.0"}],"type":"update"})";
  }

  static void change(bool subscribe, const rapidjson::Value& request, Timestamp now, Peer& peer) {
    const auto& params = member(request, "params");
    const std::string channel(text_member(params, "channel"));
    const auto& symbols = member(params, "symbol");
    const auto method = text_member(request, "method");
    const auto& snapshot = member(params, "snapshot");
    const bool initial = channel == "ticker" && !(snapshot.IsBool() && !snapshot.GetBool());
    if (!symbols.IsArray()) {
      change_one(subscribe, channel, {}, initial, peer);
      reply(request, method, {}, now, peer,
            [&](JsonWriter& writer) { write_result(writer, channel, {}, initial); });
      return;
    }
    for (const auto& value : symbols.GetArray()) {
      const auto symbol = text_of(value);
      if (subscribe && peer.refuses(symbol)) {
        reply(request, method, "Currency pair not supported " + std::string(symbol), now, peer,
              [&](JsonWriter& writer) { write_member(writer, "symbol", symbol); });
      } else {
        change_one(subscribe, channel, symbol, initial, peer);
        reply(request, method, {}, now, peer,
              [&](JsonWriter& writer) { write_result(writer, channel, symbol, initial); });
      }
    }
  }

  static void change_one(bool subscribe, const std::string& channel, std::string_view symbol,
                         bool initial, Peer& peer) {
    const auto topic = symbol.empty() ? channel : channel + ":" + std::string(symbol);
    if (subscribe) {
      peer.subscribe(topic, initial);
    } else {
      peer.unsubscribe(topic);
    }
  }

  static void write_result(JsonWriter& writer, std::string_view channel, std::string_view symbol,
                           bool initial) {
    writer.Key("result");
    writer.StartObject();
    write_member(writer, "channel", channel);
    writer.Key("snapshot");
    writer.Bool(initial);
    if (!symbol.empty()) {
      write_member(writer, "symbol", symbol);
    }
    writer.EndObject();
  }

  template <typename WriteMore>
  static void reply(const rapidjson::Value& request, std::string_view method,
                    std::string_view error, Timestamp now, Peer& peer, WriteMore&& write_more) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    if (!error.empty()) {
      write_member(writer, "error", error);
    }
    write_member(writer, "method", method);
    if (const auto& id = member(request, "req_id"); !id.IsNull()) {
      writer.Key("req_id");
      id.Accept(writer);
    }
    write_more(writer);
    if (method != "pong") {
      writer.Key("success");
      writer.Bool(error.empty());
    }
    write_member(writer, "time_in", rfc3339(now));
    write_member(writer, "time_out", rfc3339(now));
    writer.EndObject();
    peer.reply(taken(buffer));
  }
};

}  // namespace

std::unique_ptr<Protocol> make_kraken_v2() { return std::make_unique<KrakenV2>(); }

}  // namespace ticker::venue_sim
