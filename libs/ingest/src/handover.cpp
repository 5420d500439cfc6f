#include "handover.hpp"

#include <charconv>
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
    handover_.spoken_[update.instrument].old_ticker = handover_.messages_;
    PassingSink::ticker(update);
  }

  void trade(const market::Trade& trade, market::FieldSet sets) override {
    handover_.old_has_spoken_ = true;
    auto& spoken = handover_.spoken_[trade.instrument];
    spoken.old_trade = as_number(trade.id);
    handover_.check(spoken);
    PassingSink::trade(trade, sets);
  }

 private:
  Handover& handover_;
};

// Of what the next connection says, only what concerns itself counts now.
class Handover::NextSink final : public PassingSink {
 public:
  NextSink(Handover& handover, feed::Sink& sink) : PassingSink(sink), handover_(handover) {}

  void ticker(const market::Update& update) override {
    auto& spoken = handover_.spoken_[update.instrument];
    spoken.has_next_ticker = true;
    handover_.check(spoken);
    ticker_of_ = entries_++ == 0 ? std::optional(update.instrument) : std::nullopt;
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
  std::optional<market::InstrumentId> ticker_of() const { return ticker_of_; }

 private:
  Handover& handover_;
  std::size_t entries_ = 0;
  std::optional<market::InstrumentId> ticker_of_;
};

// Messages of the next connection, read once more. What is refused of them was counted then.
class Handover::LateSink final : public PassingSink {
 public:
  LateSink(const Handover& handover, std::uint64_t number, feed::Sink& sink)
      : PassingSink(sink), handover_(handover), number_(number) {}

  void ticker(const market::Update& update) override {
    if (!handover_.is_outdated(update.instrument, number_)) {
      PassingSink::ticker(update);
    }
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
  kept_.push_back({begin, size, received, messages_, next.ticker_of()});
  if (is_full()) {
    drop_outdated();
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

// Whether the old connection has given a ticker of the instrument since that message.
bool Handover::is_outdated(market::InstrumentId instrument, std::uint64_t number) const {
  const auto found = spoken_.find(instrument);
  return found != spoken_.end() && found->second.old_ticker > number;
}

void Handover::drop_outdated() {
  const auto text = std::exchange(text_, {});
  for (auto& kept : std::exchange(kept_, {})) {
    if (!kept.ticker_of || !is_outdated(*kept.ticker_of, kept.number)) {
      const auto begin = std::exchange(kept.begin, text_.size());
      text_.append(text, begin, kept.size + 1);
      kept_.push_back(kept);
    }
  }
}

void Handover::restart() {
  spoken_.clear();
  complete_ = 0;
  next_has_spoken_ = false;
  text_.clear();
  kept_.clear();
}

void Handover::finish(feed::Adapter& old, feed::Adapter& next, bool overlapped, feed::Sink& sink) {
  next.take_over(old, overlapped);
  for (const auto& kept : kept_) {
    if (!kept.ticker_of || !is_outdated(*kept.ticker_of, kept.number)) {
      LateSink late(*this, kept.number, sink);
      next.decode(text_.data() + kept.begin, kept.size, kept.received, late);
    }
  }
  restart();
}

}  // namespace ticker::ingest
