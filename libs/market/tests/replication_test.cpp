// Random histories: a replica that applied the batches, and a state read back from its bytes, equal
// their writer.

#include <ticker/market/market_state.hpp>

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace ticker::market {
namespace {

constexpr std::size_t kRemovals = 5;

// All that a reader of the state can see, as text.
std::string describe(const MarketState& state) {
  std::ostringstream out;
  out << state.epoch() << " " << state.version() << " " << state.oldest_resumable() << " "
      << state.size() << " " << state.end_id() << "\n";
  for (const FeedStatus& feed : state.feeds()) {
    out << "feed " << feed.feed << feed.adapter << feed_state_name(feed.state) << to_us(feed.since)
        << feed.reason << "\n";
  }
  for (const auto& removal : state.removals()) {
    out << "removed " << removal.id << removal.symbol << " " << removal.created << " "
        << removal.removed << " " << removal.line.id << " " << removal.line.before << " "
        << removal.trades << "\n";
  }
  state.for_each_changed_since(0, [&](const InstrumentState& one) {
    out << one.id << " " << one.instrument.symbol << one.instrument.feed << one.instrument.native
        << one.instrument.base << one.instrument.quote << " " << one.created << " " << one.updated
        << " " << one.stale << one.values.null().bits() << " " << one.ticks << " " << one.trades
        << " " << one.line.id << " " << one.line.before << " " << to_us(one.exchange_time) << " "
        << to_us(one.receive_time) << one.exchange_time_given;
    for (const Field field : one.values.present() - one.values.null()) {
      out << " " << field_name(field) << "="
          << (field == Field::kLastSide   ? std::string(side_name(one.values.side()))
              : kVenueFields.has(field) ? one.instrument.venues.at(one.values.venue(field))
                                        : one.values.decimal(field).text());
    }
    for (const Version version : one.versions) {
      out << "," << version;
    }
    out << (state.find(one.id) == &one && state.find(one.instrument.symbol) == &one
                ? "\n"
                : " not found\n");
    return true;
  });
  return out.str();
}

// A writer that does random things, the same ones for the same seed.
class RandomWriter {
 public:
  explicit RandomWriter(std::uint32_t seed) : random_(seed) {}

  void step() {
    const auto roll = pick(100);
    if (ids_.empty() || roll < 4) {
      add();
    } else if (roll < 6) {
      remove();
    } else if (roll < 60) {
      update();
    } else if (roll < 80) {
      trade();
    } else if (roll < 90) {
      state.mark_stale(any());
    } else if (roll < 97) {
      state.set_feed({feed(), "sim", static_cast<FeedState>(pick(4)),
                      from_us(static_cast<std::int64_t>(pick(9))), "why"});
    } else {
      state.remove_feed(feed());
    }
  }

  MarketState state{"epoch", {.removals = kRemovals}};

 private:
  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  std::string feed() { return std::string(1, static_cast<char>('a' + pick(3))); }
  InstrumentId any() { return ids_[pick(static_cast<std::uint32_t>(ids_.size()))]; }
  Decimal value() {
    return Decimal::from_text(std::to_string(pick(20)) + "." + std::to_string(pick(3))).value();
  }
  void add() {
    const std::string symbol = "v:" + std::to_string(pick(8));
    if (state.find(symbol) == nullptr) {
      ids_.push_back(state.add({symbol, "v", "N" + symbol, "B", "Q", {"x", "y", "z" + symbol}}));
    }
  }
  void remove() {
    const auto at = pick(static_cast<std::uint32_t>(ids_.size()));
    state.remove(ids_[at]);
    ids_.erase(ids_.begin() + at);
  }
  void update() {
    Update made;
    made.instrument = any();
    made.receive_time = from_us(static_cast<std::int64_t>(pick(1000) + 1));
    made.exchange_time =
        pick(2) == 0 ? kNoTime : from_us(static_cast<std::int64_t>(pick(1000) + 1));
    for (const Field field : FieldSet::from_bits(pick(1U << kDecimalFields)) &
                                 FieldSet::from_bits(pick(1U << kDecimalFields))) {
      pick(5) == 0 ? made.values.set_null(field) : made.values.set(field, value());
    }
    if (pick(4) == 0) {
      made.values.set_null(Field::kLastSide);
    }
    for (const Field field : FieldSet::from_bits(pick(2) * kVenueFields.bits())) {
      pick(5) == 0 ? made.values.set_null(field)
                   : made.values.set_venue(field, static_cast<std::uint8_t>(pick(3)));
    }
    state.apply(made);
  }
  void trade() {
    Trade made;
    made.instrument = any();
    made.id = TradeId(std::to_string(pick(1000)));
    made.price = value();
    made.size = value();
    made.side = pick(2) == 0 ? Side::kBuy : Side::kSell;
    made.receive_time = from_us(static_cast<std::int64_t>(pick(1000) + 1));
    state.apply(made, FieldSet::from_bits(pick(2) == 0 ? kLastFields.bits() : 0));
  }

  std::mt19937 random_;
  std::vector<InstrumentId> ids_;
};

TEST(Replication, EqualsTheWriterAfterEveryBatch) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    RandomWriter writer(seed);
    MarketState replica("epoch", {.removals = kRemovals});
    std::mt19937 random(seed);
    for (int batch = 0; batch < 300; ++batch) {
      for (auto steps = random() % 12; steps != 0; --steps) {
        writer.step();
      }
      ASSERT_EQ(replica.apply(writer.state.take_batch()), MarketState::ApplyResult::kApplied)
          << "seed " << seed;
      ASSERT_EQ(describe(replica), describe(writer.state))
          << "seed " << seed << ", batch " << batch;
    }
  }
}

TEST(Replication, StartsFromTheBytesOfTheWriterAndFollowsIt) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    RandomWriter writer(seed);
    for (int round = 0; round < 30; ++round) {
      for (int step = 0; step < 20; ++step) {
        writer.step();
      }
      writer.state.take_batch();

      auto read = MarketState::deserialise(writer.state.serialise(), {.removals = kRemovals});

      ASSERT_TRUE(read.ok()) << read.error().message;
      ASSERT_EQ(describe(read.value()), describe(writer.state)) << "seed " << seed;
      ASSERT_EQ(read.value().serialise(), writer.state.serialise());
      writer.step();
      ASSERT_EQ(read.value().apply(writer.state.take_batch()), MarketState::ApplyResult::kApplied);
      ASSERT_EQ(describe(read.value()), describe(writer.state)) << "seed " << seed;
    }
  }
}

// The bytes of a writer are enough to go on writing: computed fields, ids, trade numbers.
TEST(Replication, GoesOnAsAWriterFromItsBytes) {
  MarketState first("epoch");
  const InstrumentId gone = first.add({"v:A", "v", "A", "B", "Q"});
  const InstrumentId kept = first.add({"v:B", "v", "A", "B", "Q"});
  first.remove(gone);
  Update sent;
  sent.instrument = kept;
  sent.values.set(Field::kLast, *Decimal::from_text("110"));
  sent.values.set(Field::kChange24h, *Decimal::from_text("9"));
  first.apply(sent);
  first.take_batch();

  auto second = MarketState::deserialise(first.serialise(), {}).value().serialise();
  auto state = std::move(MarketState::deserialise(second, {})).value();
  sent.values.clear();
  sent.values.set(Field::kOpen24h, *Decimal::from_text("100"));
  state.apply(sent);

  const FieldValues& values = state.find("v:B")->values;
  EXPECT_EQ(values.decimal(Field::kChange24h).text(), "9");
  EXPECT_EQ(values.decimal(Field::kChangePercent24h).text(), "10.0000");
  EXPECT_EQ(state.add({"v:C", "v", "A", "B", "Q"}), 2U);
  const Batch batch = state.take_batch();
  EXPECT_EQ(batch.previous_version, first.version());
  EXPECT_EQ(batch.epoch, "epoch");
}

TEST(Deserialise, KeepsToItsOwnBoundOfRemovals) {
  MarketState state("epoch");
  for (int i = 0; i < 4; ++i) {
    state.remove(state.add({"v:A", "v", "A", "B", "Q"}));
  }

  const auto read = MarketState::deserialise(state.serialise(), {.removals = 1});

  EXPECT_EQ(read.value().removals().size(), 1U);
  EXPECT_EQ(read.value().oldest_resumable(), 6U);
}

std::string some_bytes() {
  RandomWriter writer(3);
  for (int step = 0; step < 300; ++step) {
    writer.step();
  }
  writer.state.take_batch();
  return writer.state.serialise();
}

TEST(Deserialise, RefusesBytesCutAnywhere) {
  const std::string bytes = some_bytes();
  ASSERT_GT(bytes.size(), 500U);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(MarketState::deserialise(bytes.substr(0, size), {}).ok()) << size;
  }
}

TEST(Deserialise, RefusesWhatFollowsTheEnd) {
  EXPECT_FALSE(MarketState::deserialise(some_bytes() + '\0', {}).ok());
}

TEST(Deserialise, RefusesOtherBytesInPlainWords) {
  EXPECT_EQ(MarketState::deserialise("", {}).error().message,
            "the bytes are no market state of format 3");
  EXPECT_EQ(MarketState::deserialise("TKMS\x02", {}).error().message,
            "the bytes are no market state of format 3");
  EXPECT_EQ(MarketState::deserialise("TKMS\x03\xFF\xFF\xFF\xFF", {}).error().message,
            "the market state is damaged or cut");
}

// A flipped byte in a text or a number may pass; then what was read must be whole: it can be
// walked, written and read again.
TEST(Deserialise, SurvivesFlippedBytes) {
  const std::string bytes = some_bytes();
  std::mt19937 random(11);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << random() % 8));
    const auto read = MarketState::deserialise(damaged, {.removals = kRemovals});
    if (!read.ok()) {
      ++refused;
      continue;
    }
    const auto again = MarketState::deserialise(read.value().serialise(), {.removals = kRemovals});
    ASSERT_TRUE(again.ok()) << at;
    EXPECT_EQ(describe(again.value()), describe(read.value())) << at;
    EXPECT_EQ(describe(read.value()).find("not found"), std::string::npos) << at;
  }
  EXPECT_GT(refused, bytes.size() / 10);
}

}  // namespace
}  // namespace ticker::market
