#include <ticker/feed/listing.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <ticker/feed/adapter.hpp>

#include "json_text.hpp"
#include "requests.hpp"

namespace ticker::feed {
namespace {

using Alias =
    std::pair<std::string_view, std::string_view>;  // the venue's name of an asset, and ours
constexpr Alias kKraken[] = {{"XBT", "BTC"}, {"XDG", "DOGE"}};
constexpr Alias kBitfinex[] = {{"UST", "USDT"}, {"IOT", "IOTA"}, {"DSH", "DASH"}, {"QTM", "QTUM"}};

struct Where {
  std::string_view pointer;
  std::string_view text;
};

// How a venue writes its list; pointers into each entry.
struct Form {
  std::string_view adapter;
  std::string_view url;
  std::string_view each;
  std::string_view native;  // empty: derived from the canonical name
  std::string_view base;    // empty: both assets stand in `quote`, as BTC/USD, BTC:USD or BTCUSD
  std::string_view quote;
  std::array<Where, 2> where{};  // what must hold
  std::string_view contract = {};
  std::span<const Alias> aliases = {};
};

constexpr std::string_view kCoinbase = "https://api.exchange.coinbase.com/products";
constexpr std::string_view kKrakenPairs = "https://api.kraken.com/0/public/AssetPairs";

constexpr Form kForms[] = {
    {"binance-spot",
     "https://data-api.binance.vision/api/v3/"
     "exchangeInfo?permissions=SPOT&showPermissionSets=false",
     "/symbols",
     "/symbol",
     "/baseAsset",
     "/quoteAsset",
     {{{"/status", "TRADING"}}}},
    {"binance-usdm",
     "https://fapi.binance.com/fapi/v1/exchangeInfo",
     "/symbols",
     "/symbol",
     "/baseAsset",
     "/quoteAsset",
     {{{"/status", "TRADING"}, {"/contractType", "PERPETUAL"}}},
     "PERP"},
    {"binance-coinm",
     "https://dapi.binance.com/dapi/v1/exchangeInfo",
     "/symbols",
     "/symbol",
     "/baseAsset",
     "/quoteAsset",
     {{{"/contractStatus", "TRADING"}, {"/contractType", "PERPETUAL"}}},
     "PERP"},
    {"coinbase-exchange",
     kCoinbase,
     "",
     "/id",
     "/base_currency",
     "/quote_currency",
     {{{"/status", "online"}}}},
    {"coinbase-advanced",
     kCoinbase,
     "",
     "/id",
     "/base_currency",
     "/quote_currency",
     {{{"/status", "online"}}}},
    {"kraken-v1",
     kKrakenPairs,
     "/result",
     "/wsname",
     "",
     "/wsname",
     {{{"/status", "online"}}},
     "",
     kKraken},
    {"kraken-v2",
     kKrakenPairs,
     "/result",
     "",
     "",
     "/wsname",
     {{{"/status", "online"}}},
     "",
     kKraken},
    {"bitstamp",
     "https://www.bitstamp.net/api/v2/trading-pairs-info/",
     "",
     "/url_symbol",
     "",
     "/name",
     {{{"/trading", "Enabled"}}}},
    {"okx",
     "https://www.okx.com/api/v5/public/instruments?instType=SPOT",
     "/data",
     "/instId",
     "/baseCcy",
     "/quoteCcy",
     {{{"/state", "live"}}}},
    {"bybit-spot",
     "https://api.bybit.com/v5/market/instruments-info?category=spot",
     "/result/list",
     "/symbol",
     "/baseCoin",
     "/quoteCoin",
     {{{"/status", "Trading"}}}},
    {"bitfinex",
     "https://api-pub.bitfinex.com/v2/conf/pub:list:pair:exchange",
     "/0",
     "",
     "",
     "",
     {},
     "",
     kBitfinex},
};

const Form* form_of(std::string_view adapter) {
  const auto* const found = std::ranges::find(kForms, adapter, &Form::adapter);
  return found == std::end(kForms) ? nullptr : found;
}

std::pair<std::string_view, std::string_view> split_pair(std::string_view pair) {
  constexpr std::size_t kPlain = 3;
  const auto at = pair.find_first_of("/:");
  if (at != std::string_view::npos) {
    return {pair.substr(0, at), pair.substr(at + 1)};
  }
  return pair.size() == 2 * kPlain ? std::pair(pair.substr(0, kPlain), pair.substr(kPlain))
                                   : std::pair<std::string_view, std::string_view>();
}

// One list that is being read.
class ListingReader {
 public:
  ListingReader(const Form& form, const JsonText& text)
      : form_(form), text_(text), adapter_(make_adapter(form.adapter, {}).value()) {}

  std::optional<Listing> read(JsonText::Place entry) const {
    for (const auto& where : form_.where) {
      if (!where.pointer.empty() && at(where.pointer, entry) != where.text) {
        return std::nullopt;
      }
    }
    const auto quote = at(form_.quote, entry);
    const auto assets =
        form_.base.empty() ? split_pair(quote) : std::pair(at(form_.base, entry), quote);
    Listing listing;
    listing.canonical = ours(assets.first).append("-").append(ours(assets.second));
    if (!form_.contract.empty()) {
      listing.canonical.append("-").append(form_.contract);
    }
    const auto derived = adapter_->native_name(listing.canonical);
    listing.native =
        form_.native.empty() ? derived.value_or("") : std::string(at(form_.native, entry));
    if (!derived || listing.native.empty() || !is_plain(listing.canonical) ||
        !is_plain(listing.native)) {
      return std::nullopt;
    }
    return listing;
  }

 private:
  // What the configuration takes, which is printable ASCII.
  static bool is_plain(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    return text.size() <= kLongest &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  }

  std::string ours(std::string_view asset) const {
    const auto found = std::ranges::find(form_.aliases, asset, &Alias::first);
    return std::string(found == form_.aliases.end() ? asset : found->second);
  }

  std::string_view at(std::string_view pointer, JsonText::Place entry) const {
    const auto place = JsonPointer::parse(pointer)->find(text_, entry);
    return place ? text_.at(*place).text : std::string_view();
  }

  const Form& form_;
  const JsonText& text_;
  const std::unique_ptr<Adapter> adapter_;
};

}  // namespace

std::string_view listing_url(std::string_view adapter) {
  const Form* const form = form_of(adapter);
  return form == nullptr ? std::string_view() : form->url;
}

std::optional<std::vector<Listing>> read_listing(std::string_view adapter, char* body,
                                                 std::size_t size) {
  // Binance's, the longest, has 400,000.
  constexpr std::size_t kMaxValues = 2'000'000;
  const Form& form = *form_of(adapter);
  JsonText text(kMaxValues);
  if (text.parse(body, size) != ParseOutcome::kComplete) {
    return std::nullopt;
  }
  const auto list = JsonPointer::parse(form.each)->find(text, JsonText::kRoot);
  if (!list) {
    return std::nullopt;
  }
  std::vector<Listing> listings;
  const ListingReader reader(form, text);
  text.for_each_in(*list, [&](JsonText::Place entry) {
    if (auto listing = reader.read(entry)) {
      listings.push_back(std::move(*listing));
    }
  });
  // A symbol has one native name.
  std::ranges::sort(listings);
  const auto again = std::ranges::unique(listings, {}, &Listing::canonical);
  listings.erase(again.begin(), again.end());
  return listings.empty() ? std::nullopt : std::optional(std::move(listings));
}

}  // namespace ticker::feed
