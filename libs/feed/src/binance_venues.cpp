#include <array>
#include <string>

#include "binance_adapter.hpp"
#include "requests.hpp"
#include "venues.hpp"

namespace ticker::feed {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Binance cuts a connection after 24 hours.
constexpr auto kMaxAge = hours(23) + minutes(30);

VenueRules common_rules() {
  VenueRules rules;
  rules.feed_timeout = seconds(45);
  rules.requests_per_window = 4;  // five a second are allowed, and pongs count
  rules.request_window = seconds(1);
  rules.connects_per_window = 300;
  rules.connect_window = minutes(5);
  rules.max_age = kMaxAge;
  return rules;
}

// Futures ping every three minutes only, so the silence of an idle market can't be told from that
// of a dead line.
VenueRules futures_rules() {
  VenueRules rules = common_rules();
  rules.keepalive_interval = seconds(20);
  rules.keepalive_is_ping_frame = true;
  return rules;
}

// One connection for each run of at most `most` instruments.
template <typename Subscriptions>
void add_connections(std::vector<ConnectionPlan>& plan, const std::string& url,
                     const std::vector<std::string>& natives, std::size_t most,
                     Subscriptions&& subscriptions) {
  for (const auto run : chunks(natives, most)) {
    plan.push_back({url, subscriptions(run), {run.begin(), run.end()}});
  }
}

class BinanceSpot final : public BinanceAdapter {
 public:
  explicit BinanceSpot(const Options& options) : BinanceAdapter({.trades = options.trades}) {
    rules_.instruments_per_connection = kInstruments;
  }

  const VenueRules& rules() const override { return rules_; }

  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || !pair->contract.empty()) {
      return std::nullopt;
    }
    return std::string(pair->base).append(pair->quote);
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    const std::array<std::string, 3> channels{"bookTicker", trades(), "miniTicker"};
    std::vector<ConnectionPlan> plan;
    add_connections(plan, join_url(url, "/stream"), natives, kInstruments,
                    [&](auto run) { return subscriptions(run, channels); });
    return plan;
  }

 private:
  static constexpr std::size_t kInstruments = 200;

  VenueRules rules_ = common_rules();
};

class BinanceUsdm final : public BinanceAdapter {
 public:
  explicit BinanceUsdm(const Options& options)
      : BinanceAdapter(
            {.trades = options.trades, .trades_come_elsewhere = options.trades == kRawTrades}) {
    rules_.instruments_per_connection = kInstruments;
  }

  const VenueRules& rules() const override { return rules_; }

  // `BTC-USDT-PERP` is BTCUSDT, `BTC-USDT-210924` is BTCUSDT_210924.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || pair->contract.empty()) {
      return std::nullopt;
    }
    const auto name = std::string(pair->base).append(pair->quote);
    return pair->contract == "PERP" ? name : name + '_' + std::string(pair->contract);
  }

  // Each path carries its own streams only; a stream on the wrong one is acknowledged, and silent.
  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    std::vector<std::string> book{"bookTicker"};
    std::vector<std::string> market{"miniTicker"};
    (trades() == kRawTrades ? book : market).push_back(trades());
    std::vector<ConnectionPlan> plan;
    add_connections(plan, join_url(url, "/public/stream"), natives, kInstruments,
                    [&](auto run) { return subscriptions(run, book); });
    add_connections(plan, join_url(url, "/market/stream"), natives, kInstruments,
                    [&](auto run) { return subscriptions(run, market); });
    return plan;
  }

 private:
  static constexpr std::string_view kRawTrades = "trade";
  static constexpr std::size_t kInstruments = 100;  // two streams each: 200 on a connection

  VenueRules rules_ = futures_rules();
};

class BinanceCoinm final : public BinanceAdapter {
 public:
  // Its tickers' `q` is in the base asset, `v` in contracts, as all sizes are.
  explicit BinanceCoinm(const Options& options)
      : BinanceAdapter({.trades = options.trades, .quote_volume = false}) {
    rules_.instruments_per_connection = kInstruments;
  }

  const VenueRules& rules() const override { return rules_; }

  // `BTC-USD-PERP` is BTCUSD_PERP, `BTC-USD-210924` is BTCUSD_210924.
  std::optional<std::string> native_name(std::string_view canonical) const override {
    const auto pair = split_canonical(canonical);
    if (!pair || pair->contract.empty()) {
      return std::nullopt;
    }
    return std::string(pair->base).append(pair->quote).append("_").append(pair->contract);
  }

  std::vector<ConnectionPlan> plan(std::string_view url,
                                   const std::vector<std::string>& natives) const override {
    const std::array<std::string, 3> channels{"bookTicker", trades(), "miniTicker"};
    std::vector<ConnectionPlan> plan;
    add_connections(plan, join_url(url, "/stream"), natives, kInstruments,
                    [&](auto run) { return subscriptions(run, channels); });
    return plan;
  }

 private:
  static constexpr std::size_t kInstruments = 66;  // three streams each: 200 on a connection

  VenueRules rules_ = futures_rules();
};

}  // namespace

std::unique_ptr<Adapter> make_binance_spot(const Adapter::Options& options) {
  return std::make_unique<BinanceSpot>(options);
}
std::unique_ptr<Adapter> make_binance_usdm(const Adapter::Options& options) {
  return std::make_unique<BinanceUsdm>(options);
}
std::unique_ptr<Adapter> make_binance_coinm(const Adapter::Options& options) {
  return std::make_unique<BinanceCoinm>(options);
}

}  // namespace ticker::feed
