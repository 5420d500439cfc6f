#include <ticker/venue_sim/faults.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ticker::venue_sim {
namespace {

enum class Argument { kNone, kCount, kCountAndCode, kSymbol };

struct Form {
  std::string_view name;
  Fault::Kind kind;
  Argument argument;
};

constexpr std::array<Form, 15> kForms{{
    {"disconnect", Fault::Kind::kDisconnect, Argument::kCount},
    {"close", Fault::Kind::kClose, Argument::kCountAndCode},
    {"planned-close", Fault::Kind::kPlannedClose, Argument::kCount},
    {"silent", Fault::Kind::kSilent, Argument::kCount},
    {"no-data", Fault::Kind::kNoData, Argument::kCount},
    {"garbage", Fault::Kind::kGarbage, Argument::kCount},
    {"truncate", Fault::Kind::kTruncate, Argument::kCount},
    {"oversized", Fault::Kind::kOversized, Argument::kCount},
    {"duplicate", Fault::Kind::kDuplicate, Argument::kCount},
    {"reorder", Fault::Kind::kReorder, Argument::kCount},
    {"refuse", Fault::Kind::kRefuse, Argument::kSymbol},
    {"late-acks", Fault::Kind::kLateAcks, Argument::kNone},
    {"no-heartbeats", Fault::Kind::kNoHeartbeats, Argument::kNone},
    {"wrong-path", Fault::Kind::kWrongPath, Argument::kNone},
    {"short-lived", Fault::Kind::kShortLived, Argument::kCount},
}};

bool is_standing(Fault::Kind kind) {
  return kind == Fault::Kind::kRefuse || kind == Fault::Kind::kLateAcks ||
         kind == Fault::Kind::kNoHeartbeats || kind == Fault::Kind::kWrongPath ||
         kind == Fault::Kind::kShortLived;
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_argument(Argument form, std::string_view text, Fault& fault) {
  switch (form) {
    case Argument::kNone:
      return text.empty();
    case Argument::kSymbol:
      fault.symbol = text;
      return !text.empty();
    case Argument::kCount:
      return parse_number(text, fault.after);
    case Argument::kCountAndCode: {
      const auto colon = text.find(':');
      return parse_number(text.substr(0, colon), fault.after) &&
             (colon == std::string_view::npos || parse_number(text.substr(colon + 1), fault.code));
    }
  }
  return false;
}

}  // namespace

Result<Fault> parse_fault(std::string_view text) {
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  const auto argument =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  for (const auto& form : kForms) {
    Fault fault{form.kind, 0, 1001, {}};
    if (form.name == name && parse_argument(form.argument, argument, fault)) {
      return fault;
    }
  }
  return Error{
      "fault '" + std::string(text) +
      "': expected one of disconnect, planned-close, silent, no-data, garbage, truncate, "
      "oversized, duplicate, "
      "reorder, short-lived, each with :N (messages), close:N[:CODE], refuse:SYMBOL, late-acks, "
      "no-heartbeats, wrong-path"};
}

Faults::Faults(std::vector<Fault> faults) {
  for (auto& fault : faults) {
    (is_standing(fault.kind) ? standing_ : pending_).push_back(std::move(fault));
  }
}

std::optional<Fault> Faults::take_due(std::size_t sent) {
  const auto due = std::find_if(pending_.begin(), pending_.end(),
                                [&](const Fault& fault) { return fault.after <= sent; });
  if (due == pending_.end()) {
    return std::nullopt;
  }
  auto fault = std::move(*due);
  pending_.erase(due);
  return fault;
}

bool Faults::refuses(std::string_view symbol) const {
  return std::any_of(standing_.begin(), standing_.end(), [&](const Fault& fault) {
    return fault.kind == Fault::Kind::kRefuse && fault.symbol == symbol;
  });
}

std::optional<std::size_t> Faults::life() const {
  const auto found = std::find_if(standing_.begin(), standing_.end(), [](const Fault& fault) {
    return fault.kind == Fault::Kind::kShortLived;
  });
  return found == standing_.end() ? std::nullopt : std::optional(found->after);
}

bool Faults::has(Fault::Kind kind) const {
  return std::any_of(standing_.begin(), standing_.end(),
                     [&](const Fault& fault) { return fault.kind == kind; });
}

}  // namespace ticker::venue_sim
