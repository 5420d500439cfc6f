// The small parts that a frame is made with.
#include "fragment_cache.hpp"

#include <gtest/gtest.h>
#include <ticker/market/market_state.hpp>

#include "body_cache.hpp"
#include "frame_arena.hpp"
#include "recent_entries.hpp"
#include "selection.hpp"
#include "trade_ring.hpp"

namespace ticker::hub {
namespace {

using market::Field;
using market::FieldSet;
using market::MarketState;
using protocol::Pattern;

// Counts what is encoded.
class CountingEncoder final : public protocol::Encoder {
 public:
  void append_entry(std::string& out, const market::InstrumentState& state, FieldSet fields,
                    bool as_new) const override {
    ++entries;
    protocol::json_encoder().append_entry(out, state, fields, as_new);
  }
  void append_removed(std::string&, std::string_view) const override {}
  void append_trade(std::string&, std::string_view, const market::Trade&) const override {}
  void append_head(std::string&, protocol::FrameKind, std::string_view,
                   std::optional<market::Version>) const override {}
  std::string_view separator() const override { return ","; }
  std::string_view tail() const override { return "]}"; }
  void append_message(std::string&, const protocol::Message&) const override {}

  mutable int entries = 0;
};

MarketState market_of(std::initializer_list<const char*> symbols) {
  MarketState state("e");
  for (const char* symbol : symbols) {
    state.add({symbol, "k", "", "", ""});
  }
  return state;
}

EntryList entries_of(std::initializer_list<const char*> texts) {
  EntryList list;
  for (const char* text : texts) {
    list.entries.push_back({Pattern(text), list.lane("")});
  }
  return list;
}

TEST(FragmentCache, EncodesAnEntryOnceForEachFieldSetAndVersion) {
  CountingEncoder encoder;
  FragmentCache cache(encoder, 64);
  MarketState state = market_of({"k:A"});
  const auto& instrument = *state.find("k:A");
  for (int client = 0; client < 10; ++client) {
    EXPECT_EQ(cache.entry(instrument, Field::kStale, false), R"(,{"symbol":"k:A","stale":true})");
  }
  EXPECT_EQ(encoder.entries, 1);
  EXPECT_EQ(cache.entry(instrument, Field::kStale, true),
            R"(,{"symbol":"k:A","new":true,"stale":true})");
  EXPECT_EQ(encoder.entries, 2);
  market::Update update;
  update.values.set(Field::kBid, *market::Decimal::from_text("1"));
  state.apply(update);
  EXPECT_EQ(cache.entry(instrument, Field::kStale, false), R"(,{"symbol":"k:A","stale":false})");
}

TEST(FragmentCache, StaysRightWhenSlotsAreSharedByMany) {
  FragmentCache cache(protocol::json_encoder(), 1);
  MarketState state = market_of({"k:A", "k:B"});
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(cache.entry(*state.find("k:A"), Field::kStale, false),
              R"(,{"symbol":"k:A","stale":true})");
    EXPECT_EQ(cache.entry(*state.find("k:B"), Field::kStale, false),
              R"(,{"symbol":"k:B","stale":true})");
  }
}

TEST(FrameArena, PutsTheHeadInFrontOfTheBody) {
  FrameArena arena;
  arena.begin(20);
  arena.append("body");
  const Slice frame = arena.finish("head:", ":tail");
  EXPECT_EQ(std::string(frame.data, frame.size), "head:body:tail");
}

TEST(FrameArena, KeepsEveryFrameOfAFlushWhereItIs) {
  FrameArena arena;
  std::vector<Slice> frames;
  for (int frame = 0; frame < 100; ++frame) {
    arena.begin(10);
    arena.append(std::string(100'000, static_cast<char>('a' + frame % 26)));
    frames.push_back(arena.finish("[", "]"));
  }
  for (std::size_t frame = 0; frame < frames.size(); ++frame) {
    const std::string text(frames[frame].data, frames[frame].size);
    EXPECT_EQ(text, "[" + std::string(100'000, static_cast<char>('a' + frame % 26)) + "]");
  }
}

TEST(FrameArena, MakesRoomForAFrameOfAnySize) {
  FrameArena arena;
  std::vector<Slice> frames;
  for (std::size_t size : {10U, 3'000'000U, 10U, 9'000'000U, 10U}) {
    arena.begin(10);
    arena.append("a");
    arena.append(std::string(size, 'b'));
    arena.append("c");
    frames.push_back(arena.finish("[", "]"));
  }
  EXPECT_EQ(std::string(frames[0].data, frames[0].size), "[a" + std::string(10, 'b') + "c]");
  EXPECT_EQ(std::string(frames[1].data, frames[1].size), "[a" + std::string(3'000'000, 'b') + "c]");
  EXPECT_EQ(std::string(frames[2].data, frames[2].size), "[a" + std::string(10, 'b') + "c]");
  EXPECT_EQ(std::string(frames[3].data, frames[3].size), "[a" + std::string(9'000'000, 'b') + "c]");
  EXPECT_EQ(std::string(frames[4].data, frames[4].size), "[a" + std::string(10, 'b') + "c]");
}

TEST(FrameArena, GivesBackWhatWasNotSent) {
  FrameArena arena;
  arena.begin(10);
  arena.append("x");
  arena.finish("h", "t");
  const std::size_t used = arena.used();
  arena.begin(10);
  arena.append("y");
  arena.undo();
  EXPECT_EQ(arena.used(), used);
}

TEST(RecentEntries, KnowTheFirstQuestionSinceTheLastChange) {
  MarketState state = market_of({"k:A"});
  const auto change = [&](Field field, const char* value) {
    market::Update update;
    update.values.set(field, *market::Decimal::from_text(value));
    state.apply(update);
    return state.version();
  };
  const auto& instrument = *state.find(0);
  const FieldSet quote = market::kQuoteFields;
  const auto bid = change(Field::kBid, "1");
  const auto ask = change(Field::kAsk, "2");
  RecentEntries recent;
  EXPECT_EQ(recent.find(instrument, quote, bid), nullptr);

  std::string* const text = recent.start(instrument, quote, bid);
  ASSERT_NE(text, nullptr);
  *text = "ask";

  EXPECT_EQ(recent.find(instrument, quote, bid), text);
  EXPECT_EQ(recent.find(instrument, quote, bid - 1), nullptr);  // the bid changed since
  EXPECT_EQ(recent.find(instrument, quote, ask), nullptr);      // nothing did
  EXPECT_EQ(recent.find(instrument, Field::kAsk, bid), nullptr);
  EXPECT_EQ(recent.start(instrument, Field::kAsk, bid), nullptr);
  change(Field::kAsk, "3");
  EXPECT_EQ(recent.find(instrument, quote, bid), nullptr);
  EXPECT_NE(recent.start(instrument, Field::kAsk, bid), nullptr);
}

TEST(SelectionTable, SharesOneSelectionBetweenTheSameLists) {
  const MarketState state = market_of({"k:A", "k:B"});
  SelectionTable table;
  const auto [one, made] = table.acquire(entries_of({"k:*"}), {}, state);
  EXPECT_TRUE(made);
  const auto again = table.acquire(entries_of({"k:*"}), {}, state);
  EXPECT_EQ(again.selection, one);
  EXPECT_FALSE(again.made);
  EXPECT_NE(table.acquire(entries_of({"k:A"}), {}, state).selection, one);
  EXPECT_NE(table.acquire(entries_of({"k:*"}), SymbolFilter({Pattern("k:A")}), state).selection,
            one);
}

TEST(SelectionTable, FollowsInstrumentsThatComeAndGo) {
  MarketState state = market_of({"k:A"});
  SelectionTable table;
  Selection* selection = table.acquire(entries_of({"k:*", "k:B"}), {}, state).selection;
  const auto id = state.add({"k:B", "k", "", "", ""});
  table.created(*state.find(id));
  EXPECT_TRUE(selection->contains(0, id));
  EXPECT_EQ(table.interest().parts(id).size(), 1U);
  table.removed(id);
  EXPECT_FALSE(selection->contains(0, id));
  EXPECT_TRUE(table.interest().parts(id).empty());
}

TEST(SelectionTable, ForgetsAListThatNobodyHasAnyMore) {
  const MarketState state = market_of({"k:A"});
  SelectionTable table;
  Selection* selection = table.acquire(entries_of({"k:*"}), {}, state).selection;
  table.acquire(entries_of({"k:*"}), {}, state);
  table.release(selection);
  EXPECT_EQ(table.interest().parts(0).size(), 1U);
  table.release(selection);
  EXPECT_TRUE(table.interest().parts(0).empty());
}

TEST(BodyCache, HoldsNoMoreThanItsBytes) {
  BodyCache cache(10'000);
  for (int query = 0; query < 100; ++query) {
    cache.add(std::to_string(query), {std::make_shared<const std::string>(1'000, 'x'), "1"});
    EXPECT_LE(cache.bytes(), 10'000U);
  }
  EXPECT_NE(cache.find("99", "1"), nullptr);
  EXPECT_EQ(cache.find("0", "1"), nullptr);
  EXPECT_EQ(cache.find("99", "2"), nullptr);
  cache.add("large", {std::make_shared<const std::string>(20'000, 'x'), "1"});
  EXPECT_EQ(cache.find("large", "1"), nullptr);
}

TEST(TradeRing, ForgetsTheOldestAndKnowsUpToWhichTrade) {
  TradeRing ring(protocol::json_encoder(), 3);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    market::Trade trade;
    trade.seq = seq;
    trade.version = 10 * seq;
    ring.add(trade, {trade.instrument, trade.instrument, "k:A"});
  }
  EXPECT_EQ(ring.end() - ring.begin(), 3U);
  EXPECT_EQ(ring.at(ring.begin()).first_seq, 3U);
  EXPECT_EQ(ring.forgotten_seq(0), 2U);
  EXPECT_EQ(ring.forgotten_version(0), 20U);
  EXPECT_EQ(ring.at(ring.after(30)).first_seq, 4U);
  EXPECT_EQ(ring.after(50), ring.end());
}

TEST(TradeRing, KeepsTheNewestInAnotherCapacity) {
  TradeRing ring(protocol::json_encoder(), 4);
  market::Trade trade;
  const auto add = [&] {
    ++trade.seq;
    trade.version = 10 * trade.seq;
    ring.add(trade, {trade.instrument, trade.instrument, "k:A"});
  };
  const auto seqs = [&] {
    std::vector<std::uint64_t> all;
    for (auto position = ring.begin(); position < ring.end(); ++position) {
      all.push_back(ring.at(position).first_seq);
    }
    return all;
  };
  while (trade.seq < 6) {
    add();
  }

  ring.resize(3);
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{4, 5, 6}));
  EXPECT_EQ(ring.forgotten_seq(0), 3U);
  ring.resize(5);
  add();
  add();
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{4, 5, 6, 7, 8}));
  add();
  EXPECT_EQ(seqs(), (std::vector<std::uint64_t>{5, 6, 7, 8, 9}));
  EXPECT_EQ(ring.end(), 9U);
}

}  // namespace
}  // namespace ticker::hub
