#include "frame_difference.hpp"

#include <algorithm>
#include <optional>
#include <variant>

#include <ticker/protocol/push.hpp>

#include "json_text.hpp"

namespace ticker::tickerctl {
namespace {

using protocol::Entry;
using protocol::EntryFrame;
using protocol::FrameKind;
using protocol::Push;
using protocol::TradeEntry;
using protocol::TradesFrame;

std::string value(std::string_view name, const std::string& wanted, const std::string& got) {
  return std::string(name) + " should be " + wanted + ", is " + got;
}

std::string version_text(std::optional<market::Version> version) {
  return version ? std::to_string(*version) : "none (more frames follow)";
}

std::string field_text(const Entry& entry, market::Field field) {
  return entry.fields.has(field) ? entry.text(field) : "absent";
}

std::string fate(const Entry& entry) {
  return entry.removed ? "removed" : entry.as_new ? "new" : "an ordinary entry";
}

// Empty: none.
std::string difference(const Entry& wanted, const Entry& got) {
  if (wanted.symbol != got.symbol) {
    return value("the symbol", wanted.symbol, got.symbol);
  }
  if (fate(wanted) != fate(got)) {
    return wanted.symbol + ": " + value("it", fate(wanted), fate(got));
  }
  for (const auto field : wanted.fields | got.fields) {
    const auto a = field_text(wanted, field);
    const auto b = field_text(got, field);
    if (a != b) {
      return wanted.symbol + ": " + value(market::field_name(field), a, b);
    }
  }
  return {};
}

std::string difference(const TradeEntry& wanted, const TradeEntry& got) {
  if (wanted.symbol != got.symbol) {
    return value("the symbol", wanted.symbol, got.symbol);
  }
  const auto members = [](const TradeEntry& entry) {
    const market::Trade& trade = entry.trade;
    return std::vector<std::pair<std::string_view, std::string>>{
        {"seq", std::to_string(trade.seq)},
        {"id", std::string(trade.id.text())},
        {"price", trade.price.text()},
        {"size", trade.size.text()},
        {"side", std::string(market::side_name(trade.side))},
        {"exchange_time_us", std::to_string(to_us(trade.exchange_time))}};
  };
  const auto a = members(wanted);
  const auto b = members(got);
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].second != b[i].second) {
      return wanted.symbol + ": " + value(a[i].first, a[i].second, b[i].second);
    }
  }
  return {};
}

template <typename Item>
std::string difference(const std::vector<Item>& wanted, const std::vector<Item>& got) {
  for (std::size_t i = 0; i < std::min(wanted.size(), got.size()); ++i) {
    if (auto found = difference(wanted[i], got[i]); !found.empty()) {
      return "entry " + std::to_string(i + 1) + ", " + found;
    }
  }
  if (wanted.size() != got.size()) {
    const auto& longer = wanted.size() > got.size() ? wanted : got;
    return value("the number of entries", std::to_string(wanted.size()),
                 std::to_string(got.size())) +
           ": the first beyond is " + longer[std::min(wanted.size(), got.size())].symbol;
  }
  return {};
}

std::string kind_name(const Push& push) {
  if (const auto* frame = std::get_if<EntryFrame>(&push)) {
    return frame->kind == FrameKind::kSnapshot ? "a snapshot" : "a delta";
  }
  return std::holds_alternative<TradesFrame>(push) ? "a trades frame" : "another message";
}

std::string difference(const Push& wanted, const Push& got) {
  if (kind_name(wanted) != kind_name(got)) {
    return value("it", kind_name(wanted), kind_name(got));
  }
  if (const auto* a = std::get_if<EntryFrame>(&wanted)) {
    const auto& b = std::get<EntryFrame>(got);
    if (a->lane != b.lane) {
      return value("lane", a->lane, b.lane);
    }
    // What differs within says more than the version, which counts it.
    auto found = difference(a->data, b.data);
    return found.empty() && a->version != b.version
               ? value("version", version_text(a->version), version_text(b.version))
               : found;
  }
  if (const auto* a = std::get_if<TradesFrame>(&wanted)) {
    const auto& b = std::get<TradesFrame>(got);
    auto found = difference(a->data, b.data);
    return found.empty() && a->version != b.version
               ? value("version", version_text(a->version), version_text(b.version))
               : found;
  }
  return {};
}

// Around the first byte that differs, of both.
std::string bytes_difference(std::string_view wanted, std::string_view got) {
  constexpr std::size_t kBefore = 24;
  constexpr std::size_t kShown = 72;
  const auto common = std::min(wanted.size(), got.size());
  const auto at = static_cast<std::size_t>(
      std::mismatch(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(common),
                    got.begin())
          .first -
      wanted.begin());
  const auto from = at - std::min(at, kBefore);
  return "byte " + std::to_string(at + 1) + ": should be …" +
         json_text(wanted.substr(from, kShown)) + "…, is …" + json_text(got.substr(from, kShown)) +
         "…";
}

}  // namespace

std::string frame_difference(std::string_view wanted, std::string_view got) {
  const auto a = protocol::parse_push(wanted);
  const auto b = protocol::parse_push(got);
  if (const auto* error = std::get_if<protocol::PushError>(&a)) {
    return "the golden one is no message of a server (" + error->message + "); " +
           bytes_difference(wanted, got);
  }
  if (const auto* push = std::get_if<Push>(&b)) {
    if (auto found = difference(std::get<Push>(a), *push); !found.empty()) {
      return found;
    }
  }
  return bytes_difference(wanted, got);
}

}  // namespace ticker::tickerctl
