#include <ticker/ingest/trust.hpp>

#include <chrono>
#include <optional>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

constexpr std::size_t kBook = 0;
constexpr std::size_t kMarket = 3;
constexpr std::size_t kForeign = 1;

TEST(Trust, IsWholeUntilAConnectionIsLost) {
  Trust trust({kBook, kMarket});
  EXPECT_TRUE(trust.whole());

  trust.lose(kBook);

  EXPECT_FALSE(trust.whole());
}

TEST(Trust, DataOfOneConnectionSaysNothingOfAnother) {
  Trust trust({kBook, kMarket});
  trust.confirm(kBook);
  trust.lose(kBook);

  trust.confirm(kMarket);
  trust.confirm(kForeign);
  EXPECT_FALSE(trust.whole());

  trust.confirm(kBook);
  EXPECT_TRUE(trust.whole());
}

TEST(Trust, KnowsSinceWhenTheFirstOfItsConnectionsIsGone) {
  const TimePoint early{std::chrono::seconds(5)};
  const TimePoint late{std::chrono::seconds(7)};
  Trust trust({kBook, kMarket});
  EXPECT_EQ(trust.cut_since(), std::nullopt);

  trust.cut(kMarket, late);
  trust.cut(kBook, early);
  trust.cut(kBook, late);  // still gone
  trust.cut(kForeign, TimePoint::min());
  EXPECT_EQ(trust.cut_since(), early);
  EXPECT_TRUE(trust.whole());

  Trust next({kBook, kMarket});
  next.inherit(trust);
  trust.restore(kBook);
  EXPECT_EQ(trust.cut_since(), late);
  trust.restore(kMarket);
  EXPECT_EQ(trust.cut_since(), std::nullopt);
  EXPECT_EQ(next.cut_since(), early);
}

TEST(Trust, WaitsForEachOfTheConnectionsThatWereLost) {
  Trust trust({kBook, kMarket});
  trust.confirm(kBook);
  trust.confirm(kMarket);
  trust.lose(kBook);
  trust.lose(kMarket);

  trust.confirm(kBook);
  EXPECT_FALSE(trust.whole());

  trust.confirm(kMarket);
  EXPECT_TRUE(trust.whole());
}

TEST(Trust, AConnectionThatWorksAgainHasToBringAnewWhatItBroughtBefore) {
  Trust trust({kBook});
  trust.confirm(kBook);
  trust.lose(kBook);

  trust.restore(kBook);
  EXPECT_FALSE(trust.whole());

  trust.confirm(kBook);
  EXPECT_TRUE(trust.whole());
}

TEST(Trust, AConnectionThatNeverBroughtAnythingHasOnlyToWork) {
  Trust trust({kBook, kMarket});
  trust.confirm(kBook);
  trust.lose(kMarket);
  EXPECT_FALSE(trust.whole());

  trust.restore(kMarket);
  EXPECT_TRUE(trust.whole());
}

TEST(Trust, SurvivesConnectionsThatAreMadeAnew) {
  Trust before({kBook, kMarket});
  before.confirm(kBook);
  before.lose(kBook);
  Trust trust({7, 8});

  trust.inherit(before);

  EXPECT_FALSE(trust.whole());
  trust.restore(7);
  EXPECT_FALSE(trust.whole());
  trust.confirm(7);
  EXPECT_TRUE(trust.whole());
}

TEST(Trust, OfOtherConnectionsWaitsForAllIfOneWasLost) {
  Trust before({kBook, kMarket});
  Trust fine({7});
  fine.inherit(before);
  EXPECT_TRUE(fine.whole());

  before.lose(kMarket);
  Trust lost({7});
  lost.inherit(before);
  EXPECT_FALSE(lost.whole());
  lost.restore(7);
  EXPECT_TRUE(lost.whole());
}

}  // namespace
}  // namespace ticker::ingest
