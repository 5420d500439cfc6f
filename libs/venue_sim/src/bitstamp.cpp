#include <algorithm>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Bitstamp v2. A topic is the venue's channel: "live_trades_btcusd".
namespace ticker::venue_sim {
namespace {

class Bitstamp final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json) || text_member(json, "event").starts_with("bts:")) {
      return {};
    }
    const auto channel = text_member(json, "channel");
    return channel.empty() ? std::vector<std::string>() : std::vector{std::string(channel)};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "timestamp" || key == "microtimestamp";
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    rapidjson::Document json;
    if (!parse_json(text, json)) {
      peer.reply(error("Incorrect JSON format."));
      return;
    }
    const auto event = text_member(json, "event");
    const auto channel = text_member(member(json, "data"), "channel");
    if (event == "bts:heartbeat") {
      peer.reply(R"({"event":"bts:heartbeat","channel":"","data":{"status":"success"}})");
    } else if ((event != "bts:subscribe" && event != "bts:unsubscribe") || channel.empty()) {
      peer.reply(error("Bad subscription string."));
    } else if (std::any_of(channel.begin(), channel.end(), is_odd)) {
      peer.reply(error("Invalid channel provided."));
    } else if (event == "bts:subscribe") {
      // A market that does not exist is acknowledged too, and stays silent; of one that does, the
      // next change is the first that is sent.
      if (!peer.refuses(channel.substr(channel.rfind('_') + 1))) {
        peer.subscribe(channel, false);
      }
      peer.reply(answer("bts:subscription_succeeded", channel));
    } else {
      peer.unsubscribe(channel);
      peer.reply(answer("bts:unsubscription_succeeded", channel));
    }
  }

  std::chrono::milliseconds ping_interval() const override { return std::chrono::seconds(54); }

  std::string planned_close_notice(Timestamp) const override {
    return R"({"event":"bts:request_reconnect","channel":"","data":null})";
  }

 private:
  static bool is_odd(char c) { return (c >= 'A' && c <= 'Z') || c == '/'; }

  static std::string error(const std::string& text) {
    return R"({"event":"bts:error","channel":"","data":{"code":null,"message":")" + text + R"("}})";
  }

  static std::string answer(std::string_view event, std::string_view channel) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "event", event);
    write_member(writer, "channel", channel);
    writer.Key("data");
    writer.StartObject();
    writer.EndObject();
    writer.EndObject();
    return taken(buffer);
  }
};

}  // namespace

std::unique_ptr<Protocol> make_bitstamp() { return std::make_unique<Bitstamp>(); }

}  // namespace ticker::venue_sim
