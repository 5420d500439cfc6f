#include <string>

#include "json.hpp"
#include "protocols.hpp"

// exchange-protocols: OKX v5. A topic is CHANNEL:INSTRUMENT.
namespace ticker::venue_sim {
namespace {

constexpr const char* kConnection = "a4d3ae55";

class Okx final : public Protocol {
 public:
  std::vector<std::string> topics(std::string_view message) const override {
    rapidjson::Document json;
    if (!parse_json(message, json) || !member(json, "data").IsArray()) {
      return {};
    }
    const auto& arg = member(json, "arg");
    const auto channel = text_member(arg, "channel");
    const auto instrument = text_member(arg, "instId");
    if (channel.empty() || instrument.empty()) {
      return {};
    }
    return {std::string(channel) + ":" + std::string(instrument)};
  }

  bool is_time(std::string_view key, std::string_view) const override {
    return key == "ts";
  }

  void request(std::string_view text, Peer& peer, Timestamp) override {
    if (text == "ping") {
      peer.reply("pong");
      return;
    }
    rapidjson::Document json;
    const auto op = parse_json(text, json) ? text_member(json, "op") : std::string_view();
    const auto& args = member(json, "args");
    if ((op != "subscribe" && op != "unsubscribe") || !args.IsArray()) {
      peer.reply(answer(json, "error", [&](JsonWriter& writer) {
        write_member(writer, "code", op.empty() ? "60012" : "60019");
        write_member(writer, "msg", "Invalid request: " + std::string(text));
      }));
      return;
    }
    for (const auto& arg : args.GetArray()) {
      change(op, arg, json, peer);
    }
  }

  RequestLimit request_limit() const override { return {480, std::chrono::hours(1)}; }
  std::chrono::milliseconds subscribe_within() const override { return std::chrono::seconds(30); }

  std::string planned_close_notice(Timestamp) const override {
    return R"({"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"})";
  }

 private:
  static void change(std::string_view op, const rapidjson::Value& arg,
                     const rapidjson::Value& request, Peer& peer) {
    const std::string channel(text_member(arg, "channel"));
    const std::string instrument(text_member(arg, "instId"));
    if (peer.refuses(instrument)) {
      peer.reply(answer(request, "error", [&](JsonWriter& writer) {
        write_member(writer, "code", "60018");
        write_member(writer, "msg",
                     "Wrong URL or channel:" + channel + ",instId:" + instrument +
                         " doesn't exist. Please use the correct URL, channel and parameters "
                         "referring to API document.");
      }));
      return;
    }
    if (op == "subscribe") {
      // A trade is never sent again; of a ticker or book the last state is.
      peer.subscribe(channel + ":" + instrument, channel != "trades");
    } else {
      peer.unsubscribe(channel + ":" + instrument);
    }
    peer.reply(answer(request, op, [&](JsonWriter& writer) {
      writer.Key("arg");
      arg.Accept(writer);
    }));
  }

  template <typename WriteMore>
  static std::string answer(const rapidjson::Value& request, std::string_view event,
                            WriteMore&& write_more) {
    rapidjson::StringBuffer buffer;
    JsonWriter writer(buffer);
    writer.StartObject();
    if (const auto id = text_member(request, "id"); !id.empty()) {
      write_member(writer, "id", id);
    }
    write_member(writer, "event", event);
    write_more(writer);
    write_member(writer, "connId", kConnection);
    writer.EndObject();
    return taken(buffer);
  }
};

}  // namespace

std::unique_ptr<Protocol> make_okx() { return std::make_unique<Okx>(); }

}  // namespace ticker::venue_sim
