#include "message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "message_bytes.hpp"

namespace ticker::feed {
namespace {

enum Slot : std::uint8_t { kType, kTime, kBid, kBidSize };

constexpr Shape kBest = Shape::part(Shape::array({{"", kBid}, {"", kBidSize}}));
constexpr Shape kBids = Shape::part(Shape::array({{"", kNoSlot, &kBest}}));
constexpr Shape kNames = Shape::texts();
constexpr Shape kEntry =
    Shape::object({{"time", kTime}, {"bids", kBid, &kBids}, {"names", kNoSlot, &kNames}});
constexpr Shape kEntries = Shape::list_of(kEntry);
constexpr Shape kInner = Shape::part(Shape::object({{"time", kTime}}));
constexpr Shape kObject = Shape::object({{"type", kType, nullptr, nullptr, true},
                                         {"t", kTime},
                                         {"data", kNoSlot, &kEntry, &kEntries},
                                         {"arg", kNoSlot, &kInner}});
constexpr Shape kArray = Shape::array({{"", kType}, {"", kNoSlot, &kEntry}}, {"", kTime});

bool is_wanted(const Message&, std::size_t, std::string_view type) { return type != "book"; }

class Messages : public testing::Test {
 protected:
  ParseOutcome parse(std::string_view text) {
    bytes_ = MessageBytes(text);
    return message_.parse(bytes_.data(), bytes_.size());
  }
  bool complete(const std::string& text) { return parse(text) == ParseOutcome::kComplete; }

  MessageBytes bytes_{""};
  Message message_{&kObject, &kArray, is_wanted};
};

TEST_F(Messages, KeepTheTextsThatAShapeWantsInWhateverOrder) {
  ASSERT_TRUE(
      complete(R"({"x":1,"t":-1.50e3,"y":{"type":"no","t":2},"z":[["t",3]],"type":"a\"b"})"));

  EXPECT_TRUE(message_.root().is(kObject));
  EXPECT_EQ(message_[kTime], "-1.50e3");
  EXPECT_EQ(message_[kType], "a\"b");
  EXPECT_EQ(message_.size(), 0U);
}

TEST_F(Messages, TakeNoKeyForAnotherThatLooksLikeIt) {
  static constexpr std::string_view kKeys[] = {
      "e",       "id",       "bid",      "data",      "price",      "symbol",
      "channel", "best_bid", "open_24h", "best_ask_", "volume_24h", "price_percent_chg"};
  static constexpr Shape kShape = Shape::object({{kKeys[0], 0},
                                                 {kKeys[1], 1},
                                                 {kKeys[2], 2},
                                                 {kKeys[3], 3},
                                                 {kKeys[4], 4},
                                                 {kKeys[5], 5},
                                                 {kKeys[6], 6},
                                                 {kKeys[7], 7},
                                                 {kKeys[8], 8},
                                                 {kKeys[9], 9},
                                                 {kKeys[10], 10},
                                                 {kKeys[11], 11}});
  for (std::size_t slot = 0; slot < std::size(kKeys); ++slot) {
    EXPECT_EQ(kShape.find(kKeys[slot]).slot, slot) << kKeys[slot];
    for (std::size_t at = 0; at < kKeys[slot].size(); ++at) {
      std::string other(kKeys[slot]);
      other[at] = '~';
      EXPECT_EQ(kShape.find(other).slot, kNoSlot) << other;
    }
    EXPECT_EQ(kShape.find(std::string(kKeys[slot]) + "~").slot, kNoSlot);
  }
  EXPECT_EQ(kShape.find("").slot, kNoSlot);
  EXPECT_EQ(kShape.find("\xff").slot, kNoSlot);
  EXPECT_EQ(kNothing.find("e").slot, kNoSlot);
  EXPECT_EQ(kNothing.find("data").slot, kNoSlot);
}

TEST_F(Messages, TellAbsentFromEmptyAndNull) {
  ASSERT_TRUE(complete(R"({"type":null})"));
  EXPECT_TRUE(message_.has(kType));
  EXPECT_FALSE(message_.has(kTime));
  EXPECT_EQ(message_[kType], "");

  ASSERT_TRUE(complete(R"({"t":true,"type":{"t":"7"}})"));
  EXPECT_EQ(message_[kTime], "true");
  EXPECT_FALSE(message_.has(kType));  // it is no text
}

TEST_F(Messages, HaveARecordForEachEntryInOrder) {
  ASSERT_TRUE(
      complete(R"({"data":[{"time":"1"},{"bids":[["5","6"],["3","4"]],"time":"2"},7,{}]})"));

  ASSERT_EQ(message_.size(), 3U);
  EXPECT_EQ(message_.at(0)[kTime], "1");
  EXPECT_EQ(message_.at(1)[kTime], "2");
  EXPECT_EQ(message_.at(1)[kBid], "5");
  EXPECT_EQ(message_.at(1)[kBidSize], "6");
  EXPECT_TRUE(message_.at(2).empty());
}

TEST_F(Messages, KeepAPartWithWhatItStandsIn) {
  ASSERT_TRUE(complete(R"({"data":{"time":"1"},"arg":{"x":0,"time":"2"}})"));
  EXPECT_EQ(message_[kTime], "2");
  EXPECT_EQ(message_.size(), 1U);
}

TEST_F(Messages, ShowAnEmptyPartAsAnEmptyText) {
  ASSERT_TRUE(complete(R"({"data":{"bids":[]}})"));
  ASSERT_EQ(message_.size(), 1U);
  EXPECT_TRUE(message_.at(0).has(kBid));
  EXPECT_EQ(message_.at(0)[kBid], "");
}

TEST_F(Messages, KeepListedTextsWithWhatTheyStandIn) {
  ASSERT_TRUE(complete(R"({"data":{"names":["A","B",["C"]],"time":"9"}})"));

  std::vector<std::string> names;
  message_.for_each(kNames, [&](const Record& name) {
    names.emplace_back(name[0]);
    EXPECT_EQ(name.parent()[kTime], "9");
  });
  EXPECT_EQ(names, (std::vector<std::string>{"A", "B"}));
}

TEST_F(Messages, ReadArraysByPlace) {
  ASSERT_TRUE(complete(R"(["a",{"time":"1"},"b","c"])"));
  EXPECT_TRUE(message_.root().is(kArray));
  EXPECT_EQ(message_[kType], "a");
  EXPECT_EQ(message_[kTime], "c");
  EXPECT_EQ(message_.at(0)[kTime], "1");

  ASSERT_TRUE(complete(R"([["a"],7])"));
  EXPECT_FALSE(message_.has(kType));
  EXPECT_EQ(message_.size(), 0U);
}

TEST_F(Messages, HaveNothingOfTheMessageBefore) {
  ASSERT_TRUE(complete(R"({"type":"a","t":1,"data":[{"time":"1","bids":[["1","2"]]}]})"));
  ASSERT_TRUE(complete(R"({"data":[{}]})"));

  EXPECT_TRUE(message_.root().empty());
  ASSERT_EQ(message_.size(), 1U);
  EXPECT_TRUE(message_.at(0).empty());

  ASSERT_TRUE(complete("17"));
  EXPECT_FALSE(message_.root().is(kObject));
  EXPECT_FALSE(message_.root().is(kArray));
}

TEST_F(Messages, AreReadNoFurtherThanTheyAreWanted) {
  EXPECT_EQ(parse(R"({"type":"book","data":[no JSON)"), ParseOutcome::kUnwanted);
  EXPECT_EQ(parse(R"({"type":"trade","data":[no JSON)"), ParseOutcome::kMalformed);
}

TEST_F(Messages, AreOutOfRangeWithNumbersOrEntriesBeyondReason) {
  EXPECT_EQ(parse(R"({"t":1e400})"), ParseOutcome::kComplete);  // whoever reads it will say so
  std::string entries = "{}";
  for (int i = 0; i < 10'000; ++i) {
    entries += ",{}";
  }
  EXPECT_EQ(parse(R"({"data":[)" + entries + "]}"), ParseOutcome::kOutOfRange);
  EXPECT_EQ(parse(R"({"x":[)" + entries + "]}"), ParseOutcome::kComplete);  // of no concern
}

}  // namespace
}  // namespace ticker::feed
