#include "handover.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <utility>

namespace ticker::ingest {
namespace {

std::optional<std::uint64_t> as_number(const market::TradeId& id) {
  const auto text = id.text();
  std::uint64_t number = 0;
  const auto* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  const bool is_number = result.ec == std::errc() && result.ptr == end;
  return is_number ? std::optional(number) : std::nullopt;
}

bool is_before(Timestamp time, Timestamp other) {
  return time != kNoTime && other != kNoTime && time < other;
}

// Of what the ticker says, and of the venue's time.
std::size_t hash_of(const market::Update& update) {
  const auto& values = update.values;
  std::string text = std::to_string(to_us(update.exchange_time)) + ' ' +
                     std::to_string(values.present().bits()) + ' ' +
                     std::to_string(values.null().bits()) + ' ' +
                     std::string(market::side_name(values.side()));
  for (const auto field : (values.present() & market::FieldSet::decimals()) - values.null()) {
    text += ' ' + values.decimal(field).text();
  }
  return std::hash<std::string>()(text);
}

// `fields` of `later` over `update`.
void merge(const market::Update& later, market::FieldSet fields, market::Update& update) {
  update.instrument = later.instrument;
  update.exchange_time = later.exchange_time;
  update.receive_time = later.receive_time;
  const auto& values = later.values;
  for (const auto field : values.present() & fields) {
    if (values.null().has(field)) {
      update.values.set_null(field);
    } else if (market::FieldSet::decimals().has(field)) {
      update.values.set(field, values.decimal(field));
    } else if (field == market::Field::kLastSide) {
      update.values.set_side(values.side());
    }
  }
}

// Gives on what it is given.
class PassingSink : public feed::Sink {
 public:
  explicit PassingSink(feed::Sink& sink) : sink_(sink) {}

  std::optional<market::InstrumentId> find(std::string_view native) override {
    return sink_.find(native);
  }
  void ticker(const market::Update& update) override { sink_.ticker(update); }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    sink_.trade(trade, sets);
  }
  void notice(const feed::Notice& notice) override { sink_.notice(notice); }
  void rejected(feed::Rejected reason) override { sink_.rejected(reason); }
  void skipped(feed::Skipped reason) override { sink_.skipped(reason); }

 private:
  feed::Sink& sink_;
};

}  // namespace

// What the old connection says counts, and outdates what the next one has said.
class Handover::OldSink final : public PassingSink {
 public:
  OldSink(Handover& handover, feed::Sink& sink) : PassingSink(sink), handover_(handover) {}

  void ticker(const market::Update& update) override {
    handover_.old_has_spoken_ = true;
    handover_.old_gave(update);
    PassingSink::ticker(update);
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    handover_.old_has_spoken_ = true;
    auto& spoken = handover_.spoken_[trade.instrument];
    spoken.old_trade = as_number(trade.id);
    handover_.check(spoken);
    handover_.given_.add(trade);
    handover_.old_gave(trade.instrument, sets);
    PassingSink::trade(trade, sets);
  }

 private:
  Handover& handover_;
};

// Of what the next connection says, only what concerns itself counts now.
class Handover::NextSink final : public PassingSink {
 public:
  NextSink(Handover& handover, feed::Sink& sink) : PassingSink(sink), handover_(handover) {}

  std::optional<market::InstrumentId> find(std::string_view native) override {
    native_ = native;
    return PassingSink::find(native);
  }

  void ticker(const market::Update& update) override {
    auto& spoken = handover_.spoken_[update.instrument];
    spoken.has_next_ticker = true;
    handover_.check(spoken);
    handover_.next_gave(update, native_);
    exchange_time_ = update.exchange_time;
    ticker_of_ = entries_++ == 0 ? std::optional(key_of(update)) : std::nullopt;
  }

  void trade(const market::Trade& trade, market::FieldSet) override {
    auto& spoken = handover_.spoken_[trade.instrument];
    if (!spoken.next_trade) {
      spoken.next_trade = as_number(trade.id);
    }
    handover_.check(spoken);
    ++entries_;
    ticker_of_.reset();
  }

  bool has_data() const { return entries_ > 0; }
  std::optional<TickersKey> ticker_of() const { return ticker_of_; }
  Timestamp exchange_time() const { return exchange_time_; }

 private:
  Handover& handover_;
  std::string native_;  // of the entry in hand
  std::size_t entries_ = 0;
  std::optional<TickersKey> ticker_of_;
  Timestamp exchange_time_ = kNoTime;
};

// Trades that the old connection did not give.
class Handover::NewTradesSink : public PassingSink {
 public:
  NewTradesSink(GivenTrades& given, feed::Sink& sink) : PassingSink(sink), given_(given) {}

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    if (given_.take(trade)) {
      return skipped(feed::Skipped::kDuplicate);
    }
    PassingSink::trade(trade, sets);
  }

 private:
  GivenTrades& given_;
};

// Messages of the next connection, read once more. What is refused of them was counted then.
class Handover::LateSink final : public NewTradesSink {
 public:
  LateSink(Handover& handover, std::uint64_t number, feed::Sink& sink)
      : NewTradesSink(handover.given_, sink), handover_(handover), number_(number) {}

  void ticker(const market::Update& update) override {
    if (handover_.is_outdated(key_of(update), number_, update.exchange_time)) {
      return;
    }
    if (!handover_.is_day_outdated(update)) {
      return PassingSink::ticker(update);
    }
    market::Update quote;
    merge(update, market::kQuoteFields, quote);
    PassingSink::ticker(quote);
  }
  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected) override {}

 private:
  const Handover& handover_;
  const std::uint64_t number_;
};

void Handover::decode_old(feed::Adapter& adapter, char* message, std::size_t size,
                          Timestamp received, feed::Sink& sink) {
  ++messages_;
  old_heard_ = received;
  OldSink old(*this, sink);
  adapter.decode(message, size, received, old);
}

void Handover::decode_next(feed::Adapter& adapter, char* message, std::size_t size,
                           Timestamp received, feed::Sink& sink) {
  ++messages_;
  // Decoding overwrites it.
  const auto begin = text_.size();
  text_.append(message, size).push_back('\0');
  NextSink next(*this, sink);
  adapter.decode(message, size, received, next);
  if (!next.has_data()) {
    text_.resize(begin);
    return;
  }
  next_has_spoken_ = true;
  kept_.push_back({begin, size, received, messages_, next.ticker_of(), next.exchange_time()});
  if (!is_full_ && text_.size() >= kMostKept) {
    drop_outdated();
    // Where little was, it would have to be done again and again.
    is_full_ = text_.size() >= kMostKept / 2;
  }
}

void Handover::check(Spoken& spoken) {
  const bool trades_meet =
      spoken.old_trade && spoken.next_trade && *spoken.next_trade <= *spoken.old_trade + 1;
  if (!spoken.is_complete && spoken.has_next_ticker && trades_meet) {
    spoken.is_complete = true;
    ++complete_;
  }
}

Handover::TickersKey Handover::key_of(const market::Update& update) {
  const bool is_quote = !(update.values.present() & market::kQuoteFields).empty();
  return key_of(update.instrument, is_quote);
}

Handover::TickersKey Handover::key_of(market::InstrumentId instrument, bool is_quote) {
  return TickersKey{instrument} << 1U | (is_quote ? 1U : 0U);
}

void Handover::old_gave(const market::Update& update) {
  auto& tickers = tickers_[key_of(update)];
  const auto content = hash_of(update);
  tickers.old[tickers.old_count++ % kRemembered] = content;
  tickers.old_time = update.exchange_time;
  merged_[update.instrument].reset();
  auto& next = tickers.next;
  const auto same = std::find_if(next.rbegin(), next.rend(), [&](const Ticker& ticker) {
    return ticker.content == content;
  });
  if (same != next.rend()) {
    tickers.met = same->number;
    next.erase(next.begin(), same.base());
  }
}

void Handover::old_gave(market::InstrumentId instrument, market::FieldSet of_trade) {
  if (auto& merged = merged_.try_emplace(instrument, Merged()).first->second) {
    merged->of_trades.add(of_trade);
  }
}

void Handover::next_gave(const market::Update& update, const std::string& native) {
  if (auto& merged = merged_.try_emplace(update.instrument, Merged()).first->second) {
    merged->native = native;
    merge(update, market::FieldSet::all(), merged->update);
  }
  auto& tickers = tickers_[key_of(update)];
  const auto content = hash_of(update);
  const auto begin = tickers.old.cbegin();
  const auto end = begin + static_cast<std::ptrdiff_t>(std::min(tickers.old_count, kRemembered));
  tickers.next_last = messages_;
  if (std::find(begin, end, content) != end) {
    tickers.met = messages_;
    tickers.next.clear();
  } else {
    tickers.next.push_back({messages_, content});
  }
}

// Whether the old connection has given that ticker of the next one, or a later one. Which of the two
// spoke first says nothing: the one that is behind speaks last.
bool Handover::is_outdated(TickersKey key, std::uint64_t number, Timestamp exchange_time) const {
  const auto found = tickers_.find(key);
  if (found == tickers_.end()) {
    return false;
  }
  const auto& tickers = found->second;
  if (is_before(exchange_time, tickers.old_time)) {
    return true;
  }
  // Where the venue gives a time, what is the same is the same ticker. Where not, a quote may come
  // back, and what the old one gave have been the time before: the latest counts, since it may be
  // the last for long. If it was outdated, the next connection is about to say more.
  const bool may_come_back = exchange_time == kNoTime && number == tickers.next_last;
  return number <= tickers.met && !may_come_back;
}

// A snapshot tells of quote and day, and counts as a quote: what came without one counts for itself.
bool Handover::is_day_outdated(const market::Update& update) const {
  const auto found = tickers_.find(key_of(update.instrument, false));
  return found != tickers_.end() && is_before(update.exchange_time, found->second.old_time);
}

bool Handover::is_outdated(const Kept& kept) const {
  return kept.ticker_of && is_outdated(*kept.ticker_of, kept.number, kept.exchange_time);
}

void Handover::drop_outdated() {
  const auto text = std::exchange(text_, {});
  for (auto& kept : std::exchange(kept_, {})) {
    if (!is_outdated(kept)) {
      const auto begin = std::exchange(kept.begin, text_.size());
      text_.append(text, begin, kept.size + 1);
      kept_.push_back(kept);
    }
  }
}

void Handover::forget() {
  spoken_.clear();
  tickers_.clear();
  complete_ = 0;
  text_.clear();
  kept_.clear();
  is_full_ = false;
  has_forgotten_ = true;
}

void Handover::restart() {
  forget();
  merged_.clear();
  given_.clear();
  has_forgotten_ = next_has_spoken_ = false;
}

void Handover::finish(feed::Adapter& old, feed::Adapter& next, bool overlapped, feed::Sink& sink) {
  next.take_over(old, overlapped);
  for (const auto& [instrument, merged] : merged_) {
    // What was kept is read below.
    if (has_forgotten_ && merged && sink.find(merged->native) == instrument) {
      market::Update update;
      merge(merged->update, market::FieldSet::all() - merged->of_trades, update);
      sink.ticker(update);
    }
  }
  for (const auto& kept : kept_) {
    if (!is_outdated(kept)) {
      LateSink late(*this, kept.number, sink);
      next.decode(text_.data() + kept.begin, kept.size, kept.received, late);
    }
  }
  auto given = std::exchange(given_, {});
  restart();
  given_ = std::move(given);
  late_until_ = old_heard_ + kMostBehind;
}

void Handover::decode_late(feed::Adapter& adapter, char* message, std::size_t size,
                           Timestamp received, feed::Sink& sink) {
  NewTradesSink late(given_, sink);
  adapter.decode(message, size, received, late);
}

}  // namespace ticker::ingest
