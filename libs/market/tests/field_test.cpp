#include <ticker/market/field.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace ticker::market {
namespace {

TEST(Field, IsFoundByTheNameThatItHas) {
  for (const Field field : FieldSet::all()) {
    EXPECT_EQ(field_from_name(field_name(field)), field);
  }
  EXPECT_EQ(field_name(Field::kQuoteVolume24h), "quote_volume_24h");
  EXPECT_EQ(field_name(Field::kLastSide), "last_side");
  EXPECT_EQ(field_name(Field::kBidVenue), "bid_venue");
  EXPECT_EQ(field_name(Field::kAskVenue), "ask_venue");
  EXPECT_EQ(field_name(Field::kTicks), "ticks");
  EXPECT_EQ(field_from_name("mid"), std::nullopt);
  EXPECT_EQ(field_from_name(""), std::nullopt);
}

TEST(FieldSet, IteratesInTheOrderOfTheFields) {
  const FieldSet set = FieldSet(Field::kTicks) | Field::kBid | Field::kLast;

  std::vector<Field> seen;
  for (const Field field : set) {
    seen.push_back(field);
  }
  EXPECT_EQ(seen, (std::vector<Field>{Field::kBid, Field::kLast, Field::kTicks}));
  EXPECT_EQ(set.count(), 3U);
}

TEST(FieldSet, PartsAllFieldsIntoVersionedAndCompanions) {
  EXPECT_EQ(FieldSet::all().count(), kFieldCount);
  EXPECT_EQ(FieldSet::versioned() | FieldSet::companions(), FieldSet::all());
  EXPECT_TRUE((FieldSet::versioned() & FieldSet::companions()).empty());
  EXPECT_TRUE(FieldSet::versioned().contains(FieldSet::decimals()));
}

TEST(FieldSet, DropsBitsThatAreNoFields) {
  EXPECT_EQ(FieldSet::from_bits(0xFFFFFFFFU), FieldSet::all());
}

}  // namespace
}  // namespace ticker::market
