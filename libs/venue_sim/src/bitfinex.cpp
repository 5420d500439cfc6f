#include <map>
#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: Bitfinex v2. A topic is CHANNEL:SYMBOL; which number it has on the tape, the
// recorded `subscribed` events tell.
namespace ticker::venue_sim {
namespace {

constexpr std::size_t kMaxChannels = 36;
constexpr std::uint64_t kFirstOwnId = 900'000;  // of topics that are not on the tape

std::string topic_of(const rapidjson::Value& subject) {
  return std::string(text_member(subject, "channel")) + ":" +
         std::string(text_member(subject, "symbol"));
}

class Bitfinex final : public Protocol {
 public:
  // Messages come in the tape's order.
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json)) {
      return {};
    }
    if (text_member(json, "event") == "subscribed" && member(json, "chanId").IsUint64()) {
      recorded_[member(json, "chanId").GetUint64()] = topic_of(json);
      return {};
    }
    const bool is_data = json.IsArray() && json.Size() > 1 && json[0].IsUint64();
    const auto found =
        is_data && text_of(json[1]) != "hb" ? recorded_.find(json[0].GetUint64()) : recorded_.end();
    return found == recorded_.end() ? std::vector<std::string>() : std::vector{found->second};
  }

  // 1617643611128
  bool is_time(std::string_view key, std::string_view value) const override {
    return key.empty() && value.size() == 13 && value.find('.') == std::string_view::npos;
  }

  void opened(std::string_view, Peer& peer, Timestamp) override {
    peer.reply(
        R"({"event":"info","version":2,"serverId":"083bd8d4-aca7-4690-a573-eabfc8103de8","platform":{"status":1}})");
  }

  // What is not JSON is not answered.
  void request(std::string_view text, Peer& peer, Timestamp now) override {
    rapidjson::Document json;
    const auto event = parse_json(text, json) ? text_member(json, "event") : std::string_view();
    if (event == "ping") {
      peer.reply(R"({"event":"pong","ts":)" + std::to_string(to_us(now) / 1000) + "}");
    } else if (event == "conf") {
      const auto& flags = member(json, "flags");
      peer.reply(R"({"event":"conf","status":"OK","flags":)" +
                 std::to_string(flags.IsUint64() ? flags.GetUint64() : 0) + "}");
    } else if (event == "subscribe") {
      subscribe(json, peer);
    } else if (event == "unsubscribe") {
      unsubscribe(json, peer);
    } else if (!event.empty()) {
      peer.reply(R"({"event":"error","msg":"event: invalid","code":10000})");
    }
  }

  // One for each channel, busy or quiet.
  std::chrono::milliseconds heartbeat_interval() const override { return std::chrono::seconds(15); }
  void heartbeat(Peer& peer, Timestamp) override {
    for (const auto& [id, topic] : open_) {
      peer.reply("[" + std::to_string(id) + ",\"hb\"]");
    }
  }

  std::string planned_close_notice(Timestamp) const override {
    return R"({"event":"info","code":20051,"msg":"Stopping. Please try to reconnect"})";
  }

 private:
  void subscribe(const rapidjson::Value& request, Peer& peer) {
    const auto topic = topic_of(request);
    const auto symbol = text_member(request, "symbol");
    const auto pair = symbol.substr(symbol.empty() ? 0 : 1);
    for (const auto& [id, open] : open_) {
      if (open == topic) {
        peer.reply(answer("error", request, pair, [id = id](JsonWriter& writer) {
          write_error(writer, "subscribe: dup", 10301);
          writer.Key("chanId");
          writer.Uint64(id);
        }));
        return;
      }
    }
    const bool is_bad = !symbol.starts_with('t') || peer.refuses(pair);
    if (is_bad || open_.size() == kMaxChannels) {
      peer.reply(answer("error", request, pair, [&](JsonWriter& writer) {
        is_bad ? write_error(writer, "symbol: invalid", 10300)
               : write_error(writer, "subscribe: limit", 10305);
      }));
      return;
    }
    const auto id = channel_id(topic, peer);
    open_[id] = topic;
    peer.reply(answer("subscribed", request, pair, [&](JsonWriter& writer) {
      writer.Key("chanId");
      writer.Uint64(id);
    }));
    peer.subscribe(topic, text_member(request, "channel") == "ticker");
  }

  void unsubscribe(const rapidjson::Value& request, Peer& peer) {
    const auto& id = member(request, "chanId");
    const auto found = id.IsUint64() ? open_.find(id.GetUint64()) : open_.end();
    if (found == open_.end()) {
      peer.reply(R"({"event":"error","msg":"unsubscribe: invalid","code":10400})");
      return;
    }
    peer.unsubscribe(found->second);
    peer.reply(R"({"event":"unsubscribed","status":"OK","chanId":)" + std::to_string(found->first) +
               "}");
    open_.erase(found);
  }

  // The number that the tape's messages of this topic carry.
  std::uint64_t channel_id(std::string_view topic, const Peer& peer) {
    rapidjson::Document first;
    const bool on_tape =
        parse_json(peer.first_recorded(topic), first) && first.IsArray() && !first.Empty();
    return on_tape && first[0].IsUint64() ? first[0].GetUint64() : kFirstOwnId + own_ids_++;
  }

  static void write_error(JsonWriter& writer, const char* text, int code) {
    write_member(writer, "msg", text);
    writer.Key("code");
    writer.Int(code);
  }

  // The request's own members come back.
  template <typename WriteMore>
  static std::string answer(std::string_view event, const rapidjson::Value& request,
                            std::string_view pair, WriteMore&& write_more) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    write_member(writer, "event", event);
    for (const auto& [name, value] : request.GetObject()) {
      if (text_of(name) != "event") {
        name.Accept(writer);
        value.Accept(writer);
      }
    }
    write_more(writer);
    write_member(writer, "pair", pair);
    writer.EndObject();
    return taken(buffer);
  }

  mutable std::map<std::uint64_t, std::string> recorded_;  // topics by number, as far as read
  std::map<std::uint64_t, std::string> open_;              // on this connection
  std::uint64_t own_ids_ = 0;
};

}  // namespace

std::unique_ptr<Protocol> make_bitfinex() { return std::make_unique<Bitfinex>(); }

}  // namespace ticker::venue_sim
