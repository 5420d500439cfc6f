#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Kraken v1. A topic is CHANNEL:PAIR, the channel as data messages name it
// ("book-1000").
namespace ticker::venue_sim {
namespace {

// "book" of depth 1000 is "book-1000" in data messages.
std::string channel_name(const rapidjson::Value& subscription) {
  const std::string name(text_member(subscription, "name"));
  const auto number = [&](const char* key, int otherwise) {
    const auto& value = member(subscription, key);
    return std::to_string(value.IsInt() ? value.GetInt() : otherwise);
  };
  if (name == "book") return name + "-" + number("depth", 10);
  if (name == "ohlc") return name + "-" + number("interval", 5);
  return name;
}

class KrakenV1 final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json) || !json.IsArray() || json.Size() < 4) {
      return {};
    }
    const auto channel = text_of(json[json.Size() - 2]);
    const auto pair = text_of(json[json.Size() - 1]);
    if (channel.empty() || pair.empty()) {
      return {};
    }
    return {std::string(channel) + ":" + std::string(pair)};
  }

  // "1534614057.321597"
  bool is_time(std::string_view key, std::string_view value) const override {
    return key.empty() && value.size() == 17 && value[10] == '.';
  }

  void opened(std::string_view, Peer& peer, Timestamp) override {
    peer.reply(system_status("online"));
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    rapidjson::Document json;
    const auto event = parse_json(text, json) ? text_member(json, "event") : std::string_view();
    if (event == "ping") {
      peer.reply(pong(json));
    } else if (event == "subscribe" || event == "unsubscribe") {
      const auto& pairs = member(json, "pair");
      if (!pairs.IsArray()) {
        peer.reply(error("Pair field must be an array"));
        return;
      }
      for (const auto& pair : pairs.GetArray()) {
        change(event == "subscribe", text_of(pair), json, peer);
      }
    } else {
      peer.reply(error(event.empty() ? "Malformed request" : "Event(s) not found"));
    }
  }

  std::chrono::milliseconds heartbeat_interval() const override { return std::chrono::seconds(1); }
  bool heartbeat_only_when_idle() const override { return true; }
  void heartbeat(Peer& peer, Timestamp) override {
    if (!peer.subscriptions().empty()) {
      peer.reply(R"({"event":"heartbeat"})");
    }
  }

  std::string planned_close_notice(Timestamp) const override {
    return system_status("maintenance");
  }

 private:
  static std::string system_status(std::string_view status) {
    return R"({"connectionID":18239578009413566319,"event":"systemStatus","status":")" +
           std::string(status) + R"(","version":"1.8.3"})";
  }

  static std::string error(std::string_view text) {
    return R"({"errorMessage":")" + std::string(text) + R"(","event":"error"})";
  }

  static std::string pong(const rapidjson::Value& request) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "event", "pong");
    if (request.HasMember("reqid")) {
      writer.Key("reqid");
      member(request, "reqid").Accept(writer);
    }
    writer.EndObject();
    return taken(buffer);
  }

  void change(bool subscribe, std::string_view pair, const rapidjson::Value& request,
              Peer& peer) const {
    const auto& subscription = member(request, "subscription");
    const auto channel = channel_name(subscription);
    const auto topic = channel + ":" + std::string(pair);
    const bool refused = subscribe && peer.refuses(pair);
    if (!refused && subscribe) {
      peer.subscribe(topic, channel == "ticker");
    } else if (!refused) {
      peer.unsubscribe(topic);
    }

    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    if (refused) {
      write_member(writer, "errorMessage", "Currency pair not supported " + std::string(pair));
    } else {
      writer.Key("channelID");
      writer.Uint64(channel_id(topic, peer));
      write_member(writer, "channelName", channel);
    }
    write_member(writer, "event", "subscriptionStatus");
    write_member(writer, "pair", pair);
    if (request.HasMember("reqid")) {
      writer.Key("reqid");
      member(request, "reqid").Accept(writer);
    }
    write_member(writer, "status", refused ? "error" : subscribe ? "subscribed" : "unsubscribed");
    writer.Key("subscription");
    subscription.Accept(writer);
    writer.EndObject();
    peer.reply(taken(buffer));
  }

  // The number that the tape's messages of this topic carry.
  static std::uint64_t channel_id(std::string_view topic, const Peer& peer) {
    rapidjson::Document first;
    const bool on_tape =
        parse_json(peer.first_recorded(topic), first) && first.IsArray() && !first.Empty();
    return on_tape && first[0].IsUint64() ? first[0].GetUint64() : 0;
  }
};

}  // namespace

std::unique_ptr<Protocol> make_kraken_v1() { return std::make_unique<KrakenV1>(); }

}  // namespace ticker::venue_sim
