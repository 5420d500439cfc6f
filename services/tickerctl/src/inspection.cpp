#include "inspection.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "json_text.hpp"

namespace ticker::tickerctl {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

std::string utc(std::int64_t ns) {
  const std::time_t seconds = ns / kSecondNs;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 80> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%06lld UTC",
                static_cast<long long>(ns % kSecondNs / 1000));
  return text.data();
}

std::string seconds(std::int64_t ns) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f s",
                static_cast<double>(ns) / static_cast<double>(kSecondNs));
  return text.data();
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::size_t kColumn = 13;
  out.append(name).append(name.size() < kColumn ? kColumn - name.size() : 1, ' ').append(value) +=
      '\n';
}

}  // namespace

void Inspection::Findings::add(std::string line) {
  if (++count <= kMaxListed) {
    lines.push_back(std::move(line));
  }
}

void Inspection::record(const recording::Record& record) {
  using recording::Kind;
  switch (record.kind) {
    case Kind::kReceived:
      message(record.receive_ns, record.bytes.size());
      break;
    case Kind::kReceivedBinary:
      ++binary_;
      message(record.receive_ns, record.bytes.size());
      break;
    case Kind::kSent:
      ++sent_;
      break;
    case Kind::kConnected:
      ++connected_;
      break;
    case Kind::kDisconnected:
      ++disconnected_;
      notices_.add(utc(record.receive_ns) + ": connection " + std::to_string(record.connection) +
                   " ended: " + json_text(record.bytes));
      break;
    case Kind::kTookOver:
      ++took_over_;
      break;
    case Kind::kLost:
      gaps_.add((record.bytes.empty() ? "some" : json_text(record.bytes)) +
                " messages were not recorded after " + utc(record.receive_ns));
      break;
  }
}

void Inspection::message(std::int64_t receive_ns, std::size_t size) {
  if (messages_ == 0) {
    first_ns_ = last_ns_ = receive_ns;
  }
  if (receive_ns - last_ns_ > kSilenceNs) {
    gaps_.add("silence of " + seconds(receive_ns - last_ns_) + " from " + utc(last_ns_));
  } else if (receive_ns < last_ns_) {
    gaps_.add("receive time goes back by " + seconds(last_ns_ - receive_ns) + " at " +
              utc(receive_ns));
  }
  const bool is_same_second = messages_ != 0 && receive_ns / kSecondNs == last_ns_ / kSecondNs;
  in_second_ = is_same_second ? in_second_ + 1 : 1;
  most_in_second_ = std::max(most_in_second_, in_second_);
  ++messages_;
  bytes_ += size;
  last_ns_ = receive_ns;
}

std::string Inspection::rate() const {
  const auto span = static_cast<double>(std::max<std::int64_t>(last_ns_ - first_ns_, kSecondNs)) /
                    static_cast<double>(kSecondNs);
  return std::to_string(static_cast<std::uint64_t>(static_cast<double>(messages_) / span)) +
         " messages/s, most in one second " + std::to_string(most_in_second_);
}

void Inspection::cut(const std::string& file, std::int64_t last_ns) {
  cuts_.add(json_text(file) + ": has no end: it is being written, or up to a second is missing" +
            (last_ns == 0 ? "" : " after " + utc(last_ns)));
}

void Inspection::damage(const std::string& where, std::uint64_t offset, const std::string& what) {
  damage_.add(where + "at byte " + std::to_string(offset) + ": " + what);
}

std::optional<market::InstrumentId> Inspection::find(std::string_view native) {
  const auto id = names_.id(native);
  counts_.resize(names_.size());
  return id;
}

void Inspection::ticker(const market::Update& update) {
  const auto present = update.values.present();
  Counts& counts = counts_[update.instrument];
  if (!(present & market::kQuoteFields).empty()) {
    ++counts.quotes;
    ++quotes_;
  }
  if (!(present - market::kQuoteFields).empty()) {
    ++counts.statistics;
    ++statistics_;
  }
}

void Inspection::trade(const market::Trade& trade, market::FieldSet) {
  ++counts_[trade.instrument].trades;
  ++trades_;
  if (trade.missed_before != 0) {
    const auto count = trade.missed_before == market::Trade::kUnknownMissed
                           ? "an unknown number of"
                           : std::to_string(trade.missed_before);
    const std::string id(trade.id.text());
    gaps_.add(json_text(names_.name(trade.instrument)) + ": " + count + " trades missing before " +
              (id.empty() ? utc(last_ns_) : "id " + id));
  }
}

void Inspection::notice(const feed::Notice& notice) {
  using Kind = feed::Notice::Kind;
  if (notice.kind == Kind::kSequenceGap) {
    gaps_.add("the connection's sequence number jumps at " + utc(last_ns_));
  } else if (notice.kind != Kind::kSubscribed && notice.kind != Kind::kAvailable &&
             notice.kind != Kind::kReady && notice.kind != Kind::kAnswer) {
    notices_.add(utc(last_ns_) + ": " + json_text(notice.native) + ' ' + json_text(notice.text));
  }
}

std::string Inspection::report(std::string_view venue) const {
  std::string out;
  append_line(out, "messages",
              std::to_string(messages_) + ", " + std::to_string(bytes_) + " bytes");
  if (messages_ != 0) {
    append_line(out, "first", utc(first_ns_));
    append_line(out, "last", utc(last_ns_));
    append_line(out, "span", seconds(last_ns_ - first_ns_));
    append_line(out, "rate", rate());
  }
  const auto count = [&](std::string_view name, std::uint64_t number) {
    if (number != 0) {
      append_line(out, name, std::to_string(number));
    }
  };
  count("binary", binary_);
  count("connected", connected_);
  count("disconnected", disconnected_);
  count("took over", took_over_);
  count("sent", sent_);
  append_line(out, "venue", venue.empty() ? "unknown; name it with --venue" : venue);
  append_line(out, "quotes", std::to_string(quotes_));
  append_line(out, "trades", std::to_string(trades_));
  append_line(out, "statistics", std::to_string(statistics_));
  for (std::size_t reason = 0; reason < skipped_.size(); ++reason) {
    if (skipped_[reason] != 0) {
      append_line(out, "skipped",
                  std::to_string(skipped_[reason]) + ' ' +
                      std::string(feed::reason_name(static_cast<feed::Skipped>(reason))));
    }
  }
  for (std::size_t reason = 0; reason < rejected_.size(); ++reason) {
    if (rejected_[reason] != 0) {
      append_line(out, "refused",
                  std::to_string(rejected_[reason]) + ' ' +
                      std::string(feed::reason_name(static_cast<feed::Rejected>(reason))));
    }
  }
  for (std::size_t id = 0; id < counts_.size(); ++id) {
    const Counts& counts = counts_[id];
    append_line(out, "instrument",
                json_text(names_.name(static_cast<market::InstrumentId>(id))) + ": " +
                    std::to_string(counts.quotes) + " quotes, " + std::to_string(counts.trades) +
                    " trades, " + std::to_string(counts.statistics) + " statistics");
  }
  const auto list = [&](std::string_view name, const Findings& findings) {
    for (const auto& line : findings.lines) {
      append_line(out, name, line);
    }
    if (findings.count > findings.lines.size()) {
      append_line(out, name,
                  "… and " + std::to_string(findings.count - findings.lines.size()) + " more");
    } else if (findings.count == 0) {
      append_line(out, name, "none");
    }
  };
  list("notice", notices_);
  list("gap", gaps_);
  list("cut", cuts_);
  list("damage", damage_);
  return out;
}

}  // namespace ticker::tickerctl
