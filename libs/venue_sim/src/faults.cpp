#include <ticker/venue_sim/faults.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

namespace ticker::venue_sim {
namespace {

using Argument = FaultForm::Argument;
using Kind = Fault::Kind;

Fault fault_of(Kind kind, std::size_t messages = 1, std::size_t times = 1) {
  Fault fault{kind};
  fault.messages = messages;
  fault.times = times;
  return fault;
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool parse_time(std::string_view text, std::chrono::milliseconds& out) {
  std::int64_t ms = 0;
  const bool is_number = parse_number(text, ms);
  out = std::chrono::milliseconds(ms);
  return is_number;
}

bool parse_argument(Argument argument, std::string_view text, Fault& fault) {
  switch (argument) {
    case Argument::kNone:
      return false;
    case Argument::kCode:
      return parse_number(text, fault.code);
    case Argument::kMessages:
      return parse_number(text, fault.messages) && fault.messages > 0;
    case Argument::kPlaces:
      return parse_number(text, fault.places) && fault.places > 0;
    case Argument::kDelay:
      return parse_time(text, fault.by) && fault.by.count() > 0;
    case Argument::kShift:
      return parse_time(text, fault.by);
  }
  return false;
}

// Without it there is nothing to do.
bool needs_argument(Argument argument) {
  return argument == Argument::kDelay || argument == Argument::kShift;
}

// What follows the name and its colon.
bool parse_rest(const FaultForm& form, std::string_view text, Fault& fault) {
  if (fault.kind == Kind::kRefuse) {
    fault.symbol = text;
    return !text.empty();
  }
  if (fault.holds()) {
    return text.empty();
  }
  const auto colon = text.find(':');
  if (!parse_number(text.substr(0, colon), fault.after)) {
    return false;
  }
  return colon == std::string_view::npos
             ? !needs_argument(form.argument)
             : parse_argument(form.argument, text.substr(colon + 1), fault);
}

// `close:N[:CODE]`
std::string usage(const FaultForm& form) {
  if (form.fault.holds()) {
    return form.name + (form.fault.kind == Kind::kRefuse ? ":SYMBOL" : "");
  }
  static constexpr const char* kArguments[] = {"",          "[:CODE]", "[:MESSAGES]",
                                               "[:PLACES]", ":MS",     ":MS"};
  return form.name + ":N" + kArguments[static_cast<std::size_t>(form.argument)];
}

bool is_same(std::string_view left, std::string_view right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

// How venues name what can be subscribed to: `btcusdt@trade`, `ticker:BTC-USD`, `tickers.BTCUSDT`,
// `live_trades_btcusd`.
std::pair<std::string_view, std::string_view> channel_and_symbol(std::string_view topic) {
  if (const auto at = topic.find('@'); at != std::string_view::npos) {
    return {topic.substr(at + 1), topic.substr(0, at)};
  }
  auto end = topic.find(':');
  end = end == std::string_view::npos ? topic.rfind('.') : end;
  end = end == std::string_view::npos ? topic.rfind('_') : end;
  return end == std::string_view::npos ? std::pair{topic, std::string_view()}
                                       : std::pair{topic.substr(0, end), topic.substr(end + 1)};
}

// SplitMix64's last step: neighbours have nothing in common.
std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
  value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
  return value ^ (value >> 31U);
}

}  // namespace

bool Fault::covers(const std::vector<std::string>& topics) const {
  return (symbol.empty() && channel.empty()) ||
         std::any_of(topics.begin(), topics.end(), [&](const std::string& topic) {
           const auto [its_channel, its_symbol] = channel_and_symbol(topic);
           return (symbol.empty() || is_same(its_symbol, symbol)) &&
                  (channel.empty() || is_same(its_channel, channel));
         });
}

const std::vector<FaultForm>& fault_forms() {
  static const std::vector<FaultForm> forms{
      {"disconnect", fault_of(Kind::kDisconnect)},
      {"reset", fault_of(Kind::kReset)},
      {"close", fault_of(Kind::kClose), Argument::kCode},
      {"planned-close", fault_of(Kind::kPlannedClose)},
      {"short-lived", fault_of(Kind::kPlannedClose, 1, 0)},  // each connection in its turn
      {"silent", fault_of(Kind::kSilent)},
      {"half-frame", fault_of(Kind::kHalfFrame)},
      {"truncate", fault_of(Kind::kTruncate)},
      {"garbage", fault_of(Kind::kGarbage)},
      {"oversized", fault_of(Kind::kOversized)},
      {"gap", fault_of(Kind::kGap), Argument::kMessages},
      {"no-data", fault_of(Kind::kGap, Fault::kAll)},
      {"duplicate", fault_of(Kind::kDuplicate), Argument::kMessages},
      {"reorder", fault_of(Kind::kReorder), Argument::kPlaces},
      {"delay", fault_of(Kind::kDelay), Argument::kDelay},
      {"clock-skew", fault_of(Kind::kClockSkew, Fault::kAll), Argument::kShift},
      {"refuse", fault_of(Kind::kRefuse)},
      {"late-acks", fault_of(Kind::kLateAcks)},
      {"no-heartbeats", fault_of(Kind::kNoHeartbeats)},
      {"wrong-path", fault_of(Kind::kWrongPath)},
  };
  return forms;
}

Result<Fault> parse_fault(std::string_view text) {
  const auto colon = text.find(':');
  const auto rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  std::string known;
  for (const auto& form : fault_forms()) {
    Fault fault = form.fault;
    if (form.name == text.substr(0, colon) && parse_rest(form, rest, fault)) {
      return fault;
    }
    known += (known.empty() ? "" : ", ") + usage(form);
  }
  return Error{"fault '" + std::string(text) + "': expected one of " + known +
               " (N: after so many messages)"};
}

Faults::Faults(std::vector<Fault> faults, std::uint64_t seed) : seed_(seed) {
  for (auto& fault : faults) {
    (fault.holds() ? holding_ : striking_).push_back(std::move(fault));
  }
  strikes_.resize(striking_.size());
}

bool Faults::refuses(std::string_view symbol) const {
  return std::any_of(holding_.begin(), holding_.end(), [&](const Fault& fault) {
    return fault.kind == Kind::kRefuse && fault.symbol == symbol;
  });
}

bool Faults::has(Kind kind) const {
  return std::any_of(holding_.begin(), holding_.end(),
                     [&](const Fault& fault) { return fault.kind == kind; });
}

bool Faults::may_strike(std::size_t fault) const {
  return striking_[fault].times == 0 || strikes_[fault] < striking_[fault].times;
}

bool Faults::is_chosen(std::size_t fault, std::size_t position) const {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
  constexpr double kScale = 1.0 / static_cast<double>(std::uint64_t{1} << 53U);
  const auto of_fault = mixed(seed_ + kGolden * (fault + 1));
  const auto number = mixed(of_fault + kGolden * (position + 1)) >> 11U;
  return static_cast<double>(number) * kScale < striking_[fault].probability;
}

}  // namespace ticker::venue_sim
