#include "watch_table.hpp"

#include <algorithm>

namespace ticker::tickerctl {
namespace {

using market::Field;
using protocol::Entry;

constexpr std::string_view kReset = "\x1b[0m";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kUp = "\x1b[1;32m";
constexpr std::string_view kDown = "\x1b[1;31m";
constexpr std::string_view kHeader = "\x1b[4m";
constexpr std::string_view kAlarm = "\x1b[1;33m";
constexpr std::string_view kEndOfLine = "\x1b[K\r\n";
constexpr std::size_t kBetweenColumns = 2;
// Lines that are not rows: heading, column names.
constexpr std::size_t kHeadLines = 2;

// Characters, not bytes: symbols may hold any UTF-8.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

std::string cut(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (std::size_t characters = 0; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80;
    if (starts && characters++ == width) {
      break;
    }
  }
  return std::string(text.substr(0, end));
}

std::string cell_text(const Entry& entry, Field field) {
  if (!entry.fields.has(field)) {
    return "";
  }
  std::string text = entry.text(field);
  return text == "null" ? "-" : text;
}

bool has_value(const Entry& entry, Field field) { return entry.values.present().has(field) && !entry.values.null().has(field); }

}  // namespace

void WatchTable::note(const protocol::EntryFrame& frame, const protocol::ClientState& held, TimePoint now) {
  for (const Entry& news : frame.data) {
    if (news.removed) {
      flashes_.erase(news.symbol);
    } else if (const Entry* old = held.find(news.symbol)) {
      note_entry(news, *old, now);
    }
  }
}

void WatchTable::note_entry(const Entry& news, const Entry& held, TimePoint now) {
  for (const Field field : news.fields & fields_) {
    // A value may be the one already held (A, B, A within an interval).
    if (held.fields.has(field) && held.text(field) == news.text(field)) {
      continue;
    }
    Flash flash{now + kFlash, Direction::kNone};
    if (market::FieldSet::decimals().has(field) && has_value(news, field) && has_value(held, field)) {
      flash.direction = market::Decimal::compare(news.values.decimal(field), held.values.decimal(field)) < 0
                            ? Direction::kDown
                            : Direction::kUp;
    }
    flashes_[news.symbol][static_cast<std::size_t>(field)] = flash;
    last_flash_end_ = flash.end;
  }
}

void WatchTable::measure(const protocol::ClientState& held) {
  for (const Field field : fields_) {
    auto& width = widths_[static_cast<std::size_t>(field)];
    width = std::max(width, market::field_name(field).size());
    for (const auto& [symbol, entry] : held.entries()) {
      width = std::max(width, cell_text(entry, field).size());
    }
  }
  for (const auto& [symbol, entry] : held.entries()) {
    symbol_width_ = std::max(symbol_width_, width_of(symbol));
  }
}

std::vector<Field> WatchTable::columns_that_fit(std::size_t width) const {
  std::vector<Field> columns;
  std::size_t used = symbol_width_;
  for (const Field field : fields_) {
    used += kBetweenColumns + widths_[static_cast<std::size_t>(field)];
    if (used > width) {
      break;
    }
    columns.push_back(field);
  }
  return columns;
}

std::string WatchTable::row(const Entry& entry, const std::vector<Field>& columns, TimePoint now) const {
  const auto flashes = flashes_.find(entry.symbol);
  const std::string_view base = entry.stale ? kDim : std::string_view();
  std::string line(base);
  line += entry.symbol + std::string(symbol_width_ - width_of(entry.symbol), ' ');
  for (const Field field : columns) {
    const auto at = static_cast<std::size_t>(field);
    const std::string text = cell_text(entry, field);
    line += std::string(kBetweenColumns + widths_[at] - text.size(), ' ');
    if (flashes != flashes_.end() && now < flashes->second[at].end) {
      const Direction direction = flashes->second[at].direction;
      line += direction == Direction::kUp ? kUp : direction == Direction::kDown ? kDown : kBold;
      line.append(text).append(kReset).append(base);
    } else {
      line += text;
    }
  }
  return line + std::string(kReset);
}

std::string WatchTable::draw(const protocol::ClientState& held, const Heading& heading, Size size, TimePoint now) {
  measure(held);
  const std::vector<Field> columns = columns_that_fit(size.columns);
  std::string screen = "\x1b[H";
  const auto add_line = [&](std::string_view style, std::string_view text) {
    screen.append(style).append(cut(text, size.columns)).append(kReset);
  };
  add_line(heading.live ? kBold : kAlarm, heading.text);
  std::string names = "symbol" + std::string(symbol_width_ - 6, ' ');
  for (const Field field : columns) {
    const std::string_view name = market::field_name(field);
    names += std::string(kBetweenColumns + widths_[static_cast<std::size_t>(field)] - name.size(), ' ');
    names += name;
  }
  if (size.rows >= kHeadLines) {
    screen += kEndOfLine;
    add_line(kHeader, names);
  }
  const std::size_t room = size.rows > kHeadLines ? size.rows - kHeadLines : 0;
  const std::size_t instruments = held.entries().size();
  const std::size_t shown = instruments <= room ? instruments : room - std::min<std::size_t>(room, 1);
  auto entry = held.entries().begin();
  for (std::size_t i = 0; i < shown; ++i, ++entry) {
    screen += kEndOfLine;
    // Too narrow even for the symbols: rows are plain text then.
    if (symbol_width_ > size.columns) {
      add_line(entry->second.stale ? kDim : std::string_view(), entry->first);
    } else {
      screen += row(entry->second, columns, now);
    }
  }
  if (shown < instruments && room > 0) {
    screen += kEndOfLine;
    add_line(kDim, "… " + std::to_string(instruments - shown) + " more");
  }
  return screen + "\x1b[K\x1b[J";
}

}  // namespace ticker::tickerctl
