#include "sim_recording.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <ticker/feed/adapter.hpp>
#include <ticker/feed/simulator.hpp>

namespace ticker::replay {
namespace {

using market::Field;
using recording::Kind;
using std::chrono::milliseconds;

constexpr Timestamp kStart = from_us(1'800'000'000'000'000);
constexpr milliseconds kLength{6'000};
constexpr milliseconds kLost{3'000};
constexpr milliseconds kBack{3'500};
// What came before is told so much later: the way from the venue.
constexpr milliseconds kDelay{5};

feed::Simulator make_simulator() {
  return feed::Simulator({.seed = 42, .instruments = 3, .updates_per_second = 20});
}

class Venue final : public feed::Sink {
 public:
  explicit Venue(std::vector<std::string> names) : names_(std::move(names)) {}

  std::vector<OwnedRecord> take() { return std::exchange(records_, {}); }

  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto found = std::find(names_.begin(), names_.end(), native);
    return static_cast<market::InstrumentId>(found - names_.begin());
  }
  void ticker(const market::Update& update) override {
    const auto text = [&](Field field) { return '"' + update.values.decimal(field).text() + '"'; };
    const auto name = native(update.instrument);
    tell(update.receive_time, name, "bookTicker",
         R"("u":)" + std::to_string(++updates_) + R"(,"s":")" + name + R"(","b":)" +
             text(Field::kBid) + R"(,"B":)" + text(Field::kBidSize) + R"(,"a":)" +
             text(Field::kAsk) + R"(,"A":)" + text(Field::kAskSize));
    tell(update.receive_time, name, "miniTicker",
         R"("e":"24hrMiniTicker","E":)" + ms(update.exchange_time) + R"(,"s":")" + name +
             R"(","c":)" + text(Field::kLast) + R"(,"o":)" + text(Field::kOpen24h) + R"(,"h":)" +
             text(Field::kHigh24h) + R"(,"l":)" + text(Field::kLow24h) + R"(,"v":)" +
             text(Field::kVolume24h) + R"(,"q":)" + text(Field::kQuoteVolume24h));
  }
  void trade(const market::Trade& trade, market::FieldSet) override {
    const auto name = native(trade.instrument);
    tell(trade.receive_time, name, "trade",
         R"("e":"trade","E":)" + ms(trade.exchange_time) + R"(,"s":")" + name + R"(","t":)" +
             std::string(trade.id.text()) + R"(,"p":")" + trade.price.text() + R"(","q":")" +
             trade.size.text() + R"(","T":)" + ms(trade.exchange_time) + R"(,"m":)" +
             (trade.side == market::Side::kSell ? "true" : "false"));
  }
  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected) override {}
  void skipped(feed::Skipped) override {}

 private:
  static std::string ms(Timestamp time) { return std::to_string(to_us(time) / 1000); }
  std::string native(market::InstrumentId id) const {
    auto name = names_[id];
    std::erase(name, '-');
    return name;
  }
  void tell(Timestamp time, std::string stream, std::string_view kind, const std::string& data) {
    for (char& c : stream) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    records_.push_back({to_us(time + kDelay) * 1000, Kind::kReceived, 0,
                        R"({"stream":")" + stream + '@' + std::string(kind) + R"(","data":{)" +
                            data + "}}"});
  }

  const std::vector<std::string> names_;
  std::uint64_t updates_ = 0;
  std::vector<OwnedRecord> records_;
};

}  // namespace

recording::Header sim_header() {
  recording::Header header;
  header.ticker = "golden";
  header.feed = "sim";
  header.adapter = "binance-spot";
  header.url = "wss://simulator.invalid";
  header.trades = "trade";
  const auto simulator = make_simulator();
  for (const auto& name : simulator.instruments()) {
    auto native = name;
    std::erase(native, '-');
    header.symbols.push_back({name, native});
  }
  return header;
}

std::vector<OwnedRecord> sim_records() {
  auto simulator = make_simulator();
  Venue venue(simulator.instruments());
  for (auto now = kStart; now < kStart + kLength; now += milliseconds(1)) {
    simulator.advance(now, venue);
  }
  const auto at = [](milliseconds since) { return to_us(kStart + since) * 1000; };
  std::vector<OwnedRecord> records{{at(milliseconds(0)), Kind::kConnected, 1, sim_header().url}};
  bool is_lost = false;
  bool is_back = false;
  for (auto& record : venue.take()) {
    if (record.receive_ns >= at(kLost) && !std::exchange(is_lost, true)) {
      records.push_back({at(kLost), Kind::kDisconnected, 1, "closed with code 1006"});
    }
    if (record.receive_ns >= at(kBack) && !std::exchange(is_back, true)) {
      records.push_back({at(kBack), Kind::kConnected, 2, sim_header().url});
    }
    if (is_lost && !is_back) {
      continue;
    }
    record.connection = is_back ? 2 : 1;
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace ticker::replay
