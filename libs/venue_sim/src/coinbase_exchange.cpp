#include <map>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Coinbase Exchange. A topic is CHANNEL:PRODUCT.
namespace ticker::venue_sim {
namespace {

// The channel that a recorded message belongs to; empty: the connection's own.
std::string_view channel_of(std::string_view type) {
  if (type == "ticker") return "ticker";
  if (type == "match" || type == "last_match") return "matches";
  if (type == "snapshot" || type == "l2update") return "level2";
  return {};
}

class CoinbaseExchange final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json)) {
      return {};
    }
    const auto channel = channel_of(text_member(json, "type"));
    const auto product = text_member(json, "product_id");
    if (channel.empty() || product.empty()) {
      return {};
    }
    return {std::string(channel) + ":" + std::string(product)};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "time";
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    rapidjson::Document json;
    if (!parse_json(text, json) || !json.IsObject()) {
      peer.reply(R"({"type":"error","message":"Malformed JSON"})");
      return;
    }
    const auto type = text_member(json, "type");
    if (type != "subscribe" && type != "unsubscribe") {
      peer.reply(R"({"type":"error","message":"Type has to be either subscribe or unsubscribe"})");
      return;
    }
    const auto& channels = member(json, "channels");
    for (rapidjson::SizeType i = 0; channels.IsArray() && i < channels.Size(); ++i) {
      const auto& channel = channels[i];
      const auto name = channel.IsString() ? text_of(channel) : text_member(channel, "name");
      const auto& own = member(channel, "product_ids");
      change(type == "subscribe", name, own.IsArray() ? own : member(json, "product_ids"), peer);
    }
    peer.reply(subscriptions(peer));
  }

  std::chrono::milliseconds subscribe_within() const override { return std::chrono::seconds(5); }
  std::chrono::milliseconds heartbeat_interval() const override { return std::chrono::seconds(1); }

  void heartbeat(Peer& peer, Timestamp now) override {
    ++beats_;
    for (const auto& topic : peer.subscriptions()) {
      if (!topic.starts_with("heartbeat:")) {
        continue;
      }
      rapidjson::StringBuffer buffer;
      JsonWriter writer(buffer);
      writer.StartObject();
      write_member(writer, "type", "heartbeat");
      writer.Key("sequence");
      writer.Uint64(beats_);
      writer.Key("last_trade_id");
      writer.Uint64(0);
      write_member(writer, "product_id", std::string_view(topic).substr(topic.find(':') + 1));
      write_member(writer, "time", rfc3339(now));
      writer.EndObject();
      peer.reply(taken(buffer));
    }
  }

 private:
  static void change(bool subscribe, std::string_view channel, const rapidjson::Value& products,
                     Peer& peer) {
    const std::string name(channel == "level2_batch" ? "level2" : channel);
    if (!subscribe && !products.IsArray()) {
      for (const auto& topic : peer.subscriptions()) {
        if (topic.starts_with(name + ":")) {
          peer.unsubscribe(topic);
        }
      }
    }
    for (rapidjson::SizeType i = 0; products.IsArray() && i < products.Size(); ++i) {
      const auto product = text_of(products[i]);
      const auto topic = name + ":" + std::string(product);
      if (!subscribe) {
        peer.unsubscribe(topic);
      } else if (peer.refuses(product)) {
        peer.reply(R"({"type":"error","message":"Failed to subscribe","reason":")" +
                   std::string(product) + R"( is not a valid product"})");
      } else {
        peer.subscribe(topic, name == "ticker");
      }
    }
  }

  // The whole set, as the venue always answers.
  static std::string subscriptions(const Peer& peer) {
    std::map<std::string, std::vector<std::string>> channels;
    for (const auto& topic : peer.subscriptions()) {
      const auto colon = topic.find(':');
      channels[topic.substr(0, colon)].push_back(topic.substr(colon + 1));
    }
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "type", "subscriptions");
    writer.Key("channels");
    writer.StartArray();
    for (const auto& [name, products] : channels) {
      writer.StartObject();
      write_member(writer, "name", name);
      writer.Key("product_ids");
      writer.StartArray();
      for (const auto& product : products) {
        write_text(writer, product);
      }
      writer.EndArray();
      writer.EndObject();
    }
    writer.EndArray();
    writer.EndObject();
    return taken(buffer);
  }

  std::uint64_t beats_ = 0;
};

}  // namespace

std::unique_ptr<Protocol> make_coinbase_exchange() { return std::make_unique<CoinbaseExchange>(); }

}  // namespace ticker::venue_sim
