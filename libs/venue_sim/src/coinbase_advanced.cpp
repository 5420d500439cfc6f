#include <map>
#include <set>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Coinbase Advanced Trade. A topic is CHANNEL:PRODUCT; `heartbeats` has none.
namespace ticker::venue_sim {
namespace {

void add_products(const rapidjson::Value& entries, std::string_view channel,
                  std::set<std::string>& topics) {
  for (rapidjson::SizeType i = 0; entries.IsArray() && i < entries.Size(); ++i) {
    if (const auto product = text_member(entries[i], "product_id"); !product.empty()) {
      topics.insert(std::string(channel) + ":" + std::string(product));
    }
  }
}

class CoinbaseAdvanced final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json)) {
      return {};
    }
    auto channel = text_member(json, "channel");
    if (channel.empty() || channel == "subscriptions" || channel == "heartbeats") {
      return {};
    }
    channel = channel == "l2_data" ? "level2" : channel;
    std::set<std::string> topics;
    const auto& events = member(json, "events");
    for (rapidjson::SizeType i = 0; events.IsArray() && i < events.Size(); ++i) {
      for (const auto* entries : {"tickers", "trades", "candles", "products"}) {
        add_products(member(events[i], entries), channel, topics);
      }
    }
    add_products(events, channel, topics);
    return {topics.begin(), topics.end()};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "time" || key == "timestamp";
  }

  void request(std::string_view text, Peer& peer, Timestamp now) override {
    rapidjson::Document json;
    const auto is_json = parse_json(text, json);
    const auto type = is_json ? text_member(json, "type") : std::string_view();
    const auto channel = is_json ? text_member(json, "channel") : std::string_view();
    if ((type != "subscribe" && type != "unsubscribe") || channel.empty()) {
      peer.reply(R"({"type":"error","message":"invalid request"})");
      return;
    }
    const auto& products = member(json, "product_ids");
    if (type == "subscribe") {
      subscribe(channel, products, peer);
    } else {
      unsubscribe(channel, products, peer);
    }
    reply(peer, "subscriptions", now,
          [&](JsonWriter& writer) { write_subscriptions(writer, peer); });
  }

  RequestLimit request_limit() const override { return {8, std::chrono::seconds(1)}; }
  std::chrono::milliseconds subscribe_within() const override { return std::chrono::seconds(5); }
  std::chrono::milliseconds heartbeat_interval() const override { return std::chrono::seconds(1); }

  void heartbeat(Peer& peer, Timestamp now) override {
    ++beats_;
    for (const auto& topic : peer.subscriptions()) {
      if (topic == "heartbeats") {
        reply(peer, topic, now, [&](JsonWriter& writer) {
          // A Go time print, not RFC 3339: nobody may parse it.
          auto time = rfc3339(now);
          time[time.find('T')] = ' ';
          time.pop_back();
          write_member(writer, "current_time",
                       time + " +0000 UTC m=+" + std::to_string(beats_) + ".000000000");
          writer.Key("heartbeat_counter");
          writer.Uint64(beats_);
        });
      }
    }
  }

 private:
  static void subscribe(std::string_view channel, const rapidjson::Value& products, Peer& peer) {
    if (channel == "heartbeats") {
      peer.subscribe("heartbeats", false);
      return;
    }
    for (rapidjson::SizeType i = 0; products.IsArray() && i < products.Size(); ++i) {
      const auto product = text_of(products[i]);
      if (peer.refuses(product)) {
        peer.reply(R"({"type":"error","message":")" + std::string(product) +
                   R"( is not a valid product"})");
      } else {
        peer.subscribe(std::string(channel) + ":" + std::string(product), channel == "ticker");
      }
    }
  }

  static void unsubscribe(std::string_view channel, const rapidjson::Value& products, Peer& peer) {
    for (const auto& topic : peer.subscriptions()) {
      const auto colon = topic.find(':');
      const bool in_channel = std::string_view(topic).substr(0, colon) == channel;
      bool named = !products.IsArray();
      for (rapidjson::SizeType i = 0; !named && colon != std::string::npos && i < products.Size();
           ++i) {
        named = std::string_view(topic).substr(colon + 1) == text_of(products[i]);
      }
      if (in_channel && named) {
        peer.unsubscribe(topic);
      }
    }
  }

  static void write_subscriptions(JsonWriter& writer, const Peer& peer) {
    std::map<std::string, std::vector<std::string>> channels;
    for (const auto& topic : peer.subscriptions()) {
      const auto colon = topic.find(':');
      channels[topic.substr(0, colon)].push_back(
          colon == std::string::npos ? topic : topic.substr(colon + 1));
    }
    writer.Key("subscriptions");
    writer.StartObject();
    for (const auto& [channel, products] : channels) {
      writer.Key(channel.c_str());
      writer.StartArray();
      for (const auto& product : products) {
        write_text(writer, product);
      }
      writer.EndArray();
    }
    writer.EndObject();
  }

  // One event in the venue's envelope, with the number that the tape's next message has.
  template <typename WriteEvent>
  static void reply(Peer& peer, std::string_view channel, Timestamp now, WriteEvent&& write_event) {
    rapidjson::Document next;
    std::uint64_t sequence = 0;
    if (parse_json(peer.next_recorded(), next) && member(next, "sequence_num").IsUint64()) {
      sequence = member(next, "sequence_num").GetUint64();
    }
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "channel", channel);
    write_member(writer, "timestamp", rfc3339(now));
    writer.Key("sequence_num");
    writer.Uint64(sequence);
    writer.Key("events");
    writer.StartArray();
    writer.StartObject();
    write_event(writer);
    writer.EndObject();
    writer.EndArray();
    writer.EndObject();
    peer.reply(taken(buffer));
  }

  std::uint64_t beats_ = 0;
};

}  // namespace

std::unique_ptr<Protocol> make_coinbase_advanced() { return std::make_unique<CoinbaseAdvanced>(); }

}  // namespace ticker::venue_sim
