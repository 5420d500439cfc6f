#include "state_codec.hpp"

#include <array>
#include <utility>

namespace ticker::market {
namespace {

constexpr std::string_view kMagic = "TKMS";
constexpr std::uint8_t kFormat = 3;
// An id costs 16 bytes for the rest of its epoch. More than this is damage, not use.
constexpr std::uint32_t kMaxIds = 1U << 24;

}  // namespace

class StateCodec::Writer {
 public:
  void u8(unsigned value) { out_ += static_cast<char>(value); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u64(std::uint64_t value) { number(value, 8); }
  void time(Timestamp value) { u64(static_cast<std::uint64_t>(to_us(value))); }
  void text(std::string_view value) {
    u32(static_cast<std::uint32_t>(value.size()));
    out_ += value;
  }
  void decimal(const Decimal& value) {
    std::array<char, Decimal::kMaxText> buffer{};
    const auto size = static_cast<std::size_t>(value.write(buffer.data()) - buffer.data());
    u8(static_cast<unsigned>(size));
    out_.append(buffer.data(), size);
  }
  std::string take() { return std::move(out_); }
  void raw(std::string_view bytes) { out_ += bytes; }

 private:
  void number(std::uint64_t value, int bytes) {
    for (; bytes != 0; --bytes, value >>= 8) {
      out_ += static_cast<char>(value & 0xFFU);
    }
  }
  std::string out_;
};

// Past the end, or after a value that can't be, every read gives zeros and ok() is false.
class StateCodec::Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  bool require(bool holds) {
    ok_ = ok_ && holds;
    return ok_;
  }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  bool flag() {
    const std::uint8_t value = u8();
    require(value <= 1);
    return value == 1;
  }
  Timestamp time() { return from_us(static_cast<std::int64_t>(u64())); }
  std::string_view raw(std::size_t size) {
    if (!require(size <= rest_.size())) {
      return {};
    }
    const std::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }
  std::string text() { return std::string(raw(u32())); }
  Decimal decimal() {
    Decimal value;
    const std::string_view text = raw(u8());
    require(Decimal::parse(text, value) == Decimal::ParseResult::kOk);
    return value;
  }
  FieldSet fields(FieldSet allowed) {
    const std::uint32_t bits = u32();
    require((bits & ~allowed.bits()) == 0);
    return FieldSet::from_bits(bits);
  }

 private:
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const char byte : raw(bytes)) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(byte)) << shift;
      shift += 8;
    }
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

std::string StateCodec::write(const MarketState& state) {
  Writer out;
  out.raw(kMagic);
  out.u8(kFormat);
  out.text(state.epoch_);
  out.u64(state.version_);
  out.u64(state.oldest_resumable_);
  out.u32(state.end_id());
  out.u32(static_cast<std::uint32_t>(state.feeds_.size()));
  for (const FeedStatus& feed : state.feeds_) {
    out.text(feed.feed);
    out.text(feed.adapter);
    out.u8(static_cast<unsigned>(feed.state));
    out.time(feed.since);
    out.text(feed.reason);
  }
  out.u32(static_cast<std::uint32_t>(state.removals_.size()));
  for (const MarketState::Removal& removal : state.removals_) {
    out.u32(removal.id);
    out.text(removal.symbol);
    out.u64(removal.created);
    out.u64(removal.removed);
    write_line(out, removal.line);
    out.u64(removal.trades);
  }
  out.u32(static_cast<std::uint32_t>(state.size()));
  InstrumentId oldest = state.newest_;
  while (oldest != MarketState::kNone && state.links_[oldest].older != MarketState::kNone) {
    oldest = state.links_[oldest].older;
  }
  for (InstrumentId id = oldest; id != MarketState::kNone; id = state.links_[id].newer) {
    write_instrument(out, *state.slots_[id]);
  }
  return out.take();
}

void StateCodec::write_line(Writer& out, TradeLine line) {
  out.u32(line.id);
  out.u64(line.before);
}

void StateCodec::write_instrument(Writer& out, const InstrumentState& state) {
  out.u32(state.id);
  for (const std::string* text :
       {&state.instrument.symbol, &state.instrument.feed, &state.instrument.native,
        &state.instrument.base, &state.instrument.quote}) {
    out.text(*text);
  }
  out.u8(static_cast<unsigned>(state.instrument.venues.size()));
  for (const std::string& venue : state.instrument.venues) {
    out.text(venue);
  }
  out.u64(state.created);
  write_line(out, state.line);
  out.u64(state.updated);
  for (const Version version : state.versions) {
    out.u64(version);
  }
  out.u8(state.stale ? 1 : 0);
  out.u8(state.exchange_time_given ? 1 : 0);
  out.time(state.exchange_time);
  out.time(state.receive_time);
  out.u64(state.ticks);
  out.u64(state.trades);
  out.u32(state.sent_by_venue.bits());
  out.u32(state.values.present().bits());
  out.u32(state.values.null().bits());
  out.u8(static_cast<unsigned>(state.values.side()));
  for (const Field field : (state.values.present() & FieldSet::decimals()) - state.values.null()) {
    out.decimal(state.values.decimal(field));
  }
  for (const Field field : (state.values.present() & kVenueFields) - state.values.null()) {
    out.u8(state.values.venue(field));
  }
}

Result<MarketState> StateCodec::read(std::string_view bytes, MarketState::Options options) {
  Reader in(bytes);
  if (in.raw(kMagic.size()) != kMagic || in.u8() != kFormat) {
    return Error{"the bytes are no market state of format " + std::to_string(kFormat)};
  }
  MarketState state(in.text(), options);
  state.version_ = in.u64();
  state.oldest_resumable_ = in.u64();
  const InstrumentId end_id = in.u32();
  in.require(state.oldest_resumable_ <= state.version_ && end_id <= kMaxIds);
  bool good = in.ok() && read_feeds(in, state) && read_removals(in, state);
  const std::uint32_t count = in.u32();
  good = good && in.require(count <= end_id);
  for (std::uint32_t i = 0; good && i < count; ++i) {
    good = read_instrument(in, state, end_id);
  }
  if (!good || !in.at_end()) {
    return Error{"the market state is damaged or cut"};
  }
  // Ids are never used again, so those of removed instruments stay taken.
  state.slots_.resize(end_id);
  state.links_.resize(end_id);
  state.pending_.previous_version = state.version_;
  return state;
}

bool StateCodec::read_feeds(Reader& in, MarketState& state) {
  const std::uint32_t count = in.u32();
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
    FeedStatus feed;
    feed.feed = in.text();
    feed.adapter = in.text();
    const std::uint8_t number = in.u8();
    in.require(number <= static_cast<std::uint8_t>(FeedState::kLive));
    feed.state = static_cast<FeedState>(number);
    feed.since = in.time();
    feed.reason = in.text();
    if (in.ok()) {
      state.put_feed(std::move(feed), state.feeds_);
    }
  }
  return in.ok();
}

TradeLine StateCodec::read_line(Reader& in) { return {in.u32(), in.u64()}; }

bool StateCodec::read_removals(Reader& in, MarketState& state) {
  const std::uint32_t count = in.u32();
  Version latest = state.oldest_resumable_;
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
    MarketState::Removal removal{in.u32(), in.text(),     in.u64(),
                                 in.u64(), read_line(in), in.u64()};
    in.require(removal.created < removal.removed && removal.removed > latest &&
               removal.removed <= state.version_ && removal.line.id <= removal.id &&
               removal.line.before <= removal.trades);
    latest = removal.removed;
    if (in.ok()) {
      state.remember(std::move(removal));
    }
  }
  return in.ok();
}

bool StateCodec::read_instrument(Reader& in, MarketState& state, InstrumentId end_id) {
  const InstrumentId id = in.u32();
  Instrument instrument;
  for (std::string* text : {&instrument.symbol, &instrument.feed, &instrument.native,
                            &instrument.base, &instrument.quote}) {
    *text = in.text();
  }
  for (unsigned left = in.u8(); in.ok() && left > 0; --left) {
    instrument.venues.push_back(in.text());
  }
  const Version created = in.u64();
  const TradeLine line = read_line(in);
  const Version previous =
      state.newest_ == MarketState::kNone ? 0 : state.slots_[state.newest_]->updated;
  if (!in.require(id < end_id && line.id <= id && state.find(id) == nullptr &&
                  state.find(instrument.symbol) == nullptr)) {
    return false;
  }
  InstrumentState& read = state.insert(id, std::move(instrument), created, line);
  read.updated = in.u64();
  in.require(read.updated >= previous && read.updated >= created && read.updated <= state.version_);
  for (Version& version : read.versions) {
    version = in.u64();
    in.require(version <= read.updated);
  }
  return read_values(in, read);
}

bool StateCodec::read_values(Reader& in, InstrumentState& instrument) {
  instrument.stale = in.flag();
  instrument.exchange_time_given = in.flag();
  instrument.exchange_time = in.time();
  instrument.receive_time = in.time();
  instrument.ticks = in.u64();
  instrument.trades = in.u64();
  in.require(instrument.trades >= instrument.line.before);
  instrument.sent_by_venue = in.fields(FieldSet::decimals());
  const FieldSet present = in.fields(FieldSet::decimals() | Field::kLastSide | kVenueFields);
  const FieldSet null = in.fields(present);
  const bool sell = in.flag();
  for (const Field field : present& FieldSet::decimals()) {
    if (!null.has(field)) {
      instrument.values.set(field, in.decimal());
    }
  }
  for (const Field field : (present & kVenueFields) - null) {
    const std::uint8_t venue = in.u8();
    in.require(venue < instrument.instrument.venues.size());
    instrument.values.set_venue(field, venue);
  }
  if (present.has(Field::kLastSide)) {
    instrument.values.set_side(sell ? Side::kSell : Side::kBuy);
  }
  for (const Field field : null) {
    instrument.values.set_null(field);
  }
  return in.ok();
}

std::string MarketState::serialise() const { return StateCodec::write(*this); }

Result<MarketState> MarketState::deserialise(std::string_view bytes, Options options) {
  return StateCodec::read(bytes, options);
}

}  // namespace ticker::market
