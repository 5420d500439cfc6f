#include <ticker/feed/listing.hpp>

#include <algorithm>
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
constexpr std::string_view kPerpetual = "PERP";
constexpr Alias kBitfinex[] = {{"UST", "USDT"}, {"IOT", "IOTA"}, {"DSH", "DASH"}, {"QTM", "QTUM"}};

struct Where {
  std::string_view pointer;
  std::string_view text;
};

// Where a venue's name of an instrument says that it is a contract.
struct Contracts {
  char before = '\0';                // the part behind it: `_` in BTCUSDT_261225
  std::string_view otherwise = {};   // names without it are this
  std::string_view assets_end = {};  // both assets of a perpetual end so: BTCF0:USTF0
  std::string_view perpetual = {};   // what the venue calls one
};

// How a venue writes its list; pointers into each entry.
struct Form {
  std::string_view adapter;
  std::string_view url;
  std::string_view each;    // lists inside are lists of the same
  std::string_view native;  // empty: derived from the canonical name
  std::string_view base;    // empty: all stands in `quote`: BTC/USD, BTC:USD, BTCUSD, BTC-USD-SWAP
  std::string_view quote;
  Where where = {};  // what must hold
  std::span<const Alias> aliases = {};
  Contracts contracts = {};
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
     {"/status", "TRADING"}},
    {"binance-usdm",
     "https://fapi.binance.com/fapi/v1/exchangeInfo",
     "/symbols",
     "/symbol",
     "/baseAsset",
     "/quoteAsset",
     {"/status", "TRADING"},
     {},
     {'_', kPerpetual}},
    {"binance-coinm",
     "https://dapi.binance.com/dapi/v1/exchangeInfo",
     "/symbols",
     "/symbol",
     "/baseAsset",
     "/quoteAsset",
     {"/contractStatus", "TRADING"},
     {},
     {'_'}},
    {"coinbase-exchange",
     kCoinbase,
     "",
     "/id",
     "/base_currency",
     "/quote_currency",
     {"/status", "online"}},
    {"coinbase-advanced",
     kCoinbase,
     "",
     "/id",
     "/base_currency",
     "/quote_currency",
     {"/status", "online"}},
    {"kraken-v1",
     kKrakenPairs,
     "/result",
     "/wsname",
     "",
     "/wsname",
     {"/status", "online"},
     kKraken},
    {"kraken-v2", kKrakenPairs, "/result", "", "", "/wsname", {"/status", "online"}, kKraken},
    {"bitstamp",
     "https://www.bitstamp.net/api/v2/trading-pairs-info/",
     "",
     "/url_symbol",
     "",
     "/name",
     {"/trading", "Enabled"}},
    // Of one type each; those of others have the same form.
    {"okx",
     "https://www.okx.com/api/v5/public/instruments?instType=SPOT",
     "/data",
     "/instId",
     "",
     "/instId",
     {"/state", "live"},
     {},
     {'\0', "", "", "SWAP"}},
    {"bybit-spot",
     "https://api.bybit.com/v5/market/instruments-info?category=spot",
     "/result/list",
     "/symbol",
     "/baseCoin",
     "/quoteCoin",
     {"/status", "Trading"}},
    {"bybit-linear",
     "https://api.bybit.com/v5/market/instruments-info?category=linear&limit=1000",
     "/result/list",
     "/symbol",
     "/baseCoin",
     "/quoteCoin",
     {"/status", "Trading"},
     {},
     {'-', kPerpetual}},
    {"bitfinex",
     "https://api-pub.bitfinex.com/v2/conf/pub:list:pair:exchange,pub:list:pair:futures",
     "",
     "",
     "",
     "",
     {},
     kBitfinex,
     {'\0', "", "F0"}},
};

const Form* form_of(std::string_view adapter) {
  const auto* const found = std::ranges::find(kForms, adapter, &Form::adapter);
  return found == std::end(kForms) ? nullptr : found;
}

AssetPair split_pair(std::string_view pair) {
  constexpr std::size_t kPlain = 3;
  if (const auto at = pair.find_first_of("/:"); at != std::string_view::npos) {
    return {pair.substr(0, at), pair.substr(at + 1), {}};
  }
  if (pair.size() == 2 * kPlain && pair.find('-') == std::string_view::npos) {
    return {pair.substr(0, kPlain), pair.substr(kPlain), {}};
  }
  return split_canonical(pair).value_or(AssetPair());
}

// One list that is being read.
class ListingReader {
 public:
  ListingReader(const Form& form, const JsonText& text)
      : form_(form), text_(text), adapter_(make_adapter(form.adapter, {}).value()) {}

  std::optional<Listing> read(JsonText::Place entry) const {
    if (!form_.where.pointer.empty() && at(form_.where.pointer, entry) != form_.where.text) {
      return std::nullopt;
    }
    const auto named = at(form_.native, entry);
    const auto parts = parts_of(entry, named);
    Listing listing;
    listing.canonical = ours(parts.base).append("-").append(ours(parts.quote));
    if (!parts.contract.empty()) {
      listing.canonical.append("-").append(parts.contract);
    }
    const auto derived = adapter_->native_name(listing.canonical);
    listing.native = form_.native.empty() ? derived.value_or("") : std::string(named);
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

  AssetPair parts_of(JsonText::Place entry, std::string_view named) const {
    const auto quote = at(form_.quote, entry);
    auto parts =
        form_.base.empty() ? split_pair(quote) : AssetPair{at(form_.base, entry), quote, {}};
    const auto& [before, otherwise, assets_end, perpetual] = form_.contracts;
    if (const auto mark = named.find(before); before != '\0' && mark != std::string_view::npos) {
      parts.contract = named.substr(mark + 1);
    } else if (!otherwise.empty()) {
      parts.contract = otherwise;
    }
    if (!assets_end.empty() && parts.base.ends_with(assets_end) &&
        parts.quote.ends_with(assets_end)) {
      parts.base.remove_suffix(assets_end.size());
      parts.quote.remove_suffix(assets_end.size());
      parts.contract = kPerpetual;
    }
    if (!perpetual.empty() && parts.contract == perpetual) {
      parts.contract = kPerpetual;
    }
    return parts;
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
  const auto read = [&](JsonText::Place entry) {
    if (auto listing = reader.read(entry)) {
      listings.push_back(std::move(*listing));
    }
  };
  text.for_each_in(*list, [&](JsonText::Place entry) {
    if (text.at(entry).kind == JsonText::Kind::kArray) {
      text.for_each_in(entry, read);
    } else {
      read(entry);
    }
  });
  // A symbol has one native name.
  std::ranges::sort(listings);
  const auto again = std::ranges::unique(listings, {}, &Listing::canonical);
  listings.erase(again.begin(), again.end());
  return listings.empty() ? std::nullopt : std::optional(std::move(listings));
}

}  // namespace ticker::feed
