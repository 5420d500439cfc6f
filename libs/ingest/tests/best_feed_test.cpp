#include <ticker/ingest/best_feed.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <ticker/ingest/market_writer.hpp>

namespace ticker::ingest {
namespace {

using market::Decimal;
using market::FeedState;
using market::Field;
using std::chrono::milliseconds;

// Two venues and what is made of them; a replica has what was published.
class BestFeedTest : public testing::Test, private BatchSink {
 protected:
  BestFeedTest() {
    a_ = add("a");
    b_ = add("b");
    feed_ = BestFeed::make(loop_, market_, options(milliseconds(50)));
    market_.flush();
  }

  static FeedOptions options(milliseconds crossed) {
    FeedOptions options;
    options.name = "best";
    options.adapter = FeedOptions::kConsolidated;
    options.best.push_back({"BTC-USD", {"a:BTC-USD", "b:BTC-USD"}, crossed});
    return options;
  }
  market::InstrumentId add(const std::string& venue) {
    return market_.add({venue + ":BTC-USD", venue, "BTC-USD", "BTC", "USD"}, nullptr);
  }
  // One message of a venue, and the end of the turn.
  void quote(market::InstrumentId venue, const std::string& bid, const std::string& ask,
             int time_us = 1) {
    market::Update update;
    update.instrument = venue;
    update.receive_time = from_us(time_us);
    update.values.set(Field::kBid, *Decimal::from_text(bid));
    update.values.set(Field::kBidSize, *Decimal::from_text("1"));
    update.values.set(Field::kAsk, *Decimal::from_text(ask));
    update.values.set(Field::kAskSize, *Decimal::from_text("2"));
    market_.apply(update);
    market_.flush();
  }
  const market::InstrumentState& best() const { return *replica_.find("best:BTC-USD"); }
  std::string text(Field field) const {
    const auto& values = best().values;
    return !values.present().has(field)           ? "none"
           : values.null().has(field)             ? "null"
           : market::kVenueFields.has(field)      ? best().instrument.venues.at(values.venue(field))
                                                  : values.decimal(field).text();
  }
  market::FeedStatus status() const {
    for (const auto& feed : replica_.feeds()) {
      if (feed.feed == "best") {
        return feed;
      }
    }
    return {};
  }

  void publish(std::shared_ptr<const market::Batch> batch) override {
    ASSERT_EQ(replica_.apply(*batch), market::MarketState::ApplyResult::kApplied);
    ++batches_;
  }

  net::EventLoop loop_;
  market::MarketState replica_{"e1"};
  MarketWriter market_{loop_, *this, "e1", {}};
  int batches_ = 0;
  market::InstrumentId a_ = 0;
  market::InstrumentId b_ = 0;
  std::unique_ptr<Feed> feed_;
};

using BestFeeds = BestFeedTest;

TEST_F(BestFeeds, ExistBeforeAnyVenueHasSpokenAndAreStale) {
  EXPECT_TRUE(best().stale);
  EXPECT_EQ(text(Field::kBid), "none");
  EXPECT_EQ(status().state, FeedState::kStale);
  EXPECT_EQ(status().reason, "left out: a:BTC-USD (stale), b:BTC-USD (stale)");
}

TEST_F(BestFeeds, TakeTheBestSidesInTheBatchOfTheirVenue) {
  quote(a_, "9", "11", 5);
  const auto before = batches_;

  quote(b_, "10", "12", 7);

  EXPECT_EQ(batches_, before + 1);
  EXPECT_EQ(text(Field::kBid), "10");
  EXPECT_EQ(text(Field::kBidSize), "1");
  EXPECT_EQ(text(Field::kAsk), "11");
  EXPECT_FALSE(best().stale);
  EXPECT_EQ(to_us(best().receive_time), 7);
  EXPECT_EQ(status().state, FeedState::kLive);
  EXPECT_EQ(status().reason, "");
}

TEST_F(BestFeeds, TellWhoseEachSideIsAndOnlyWhenThatChanges) {
  EXPECT_EQ(text(Field::kBidVenue), "none");
  quote(a_, "9", "11");
  quote(b_, "10", "12");
  EXPECT_EQ(text(Field::kBidVenue), "b");
  EXPECT_EQ(text(Field::kAskVenue), "a");

  const auto version = replica_.version();
  quote(b_, "10.5", "11");
  EXPECT_EQ(text(Field::kBid), "10.5");
  EXPECT_EQ(best().changed_since(version), market::FieldSet(Field::kBid));

  // The same price and size, of the other one.
  quote(a_, "10.6", "13");
  quote(b_, "10.5", "14");
  EXPECT_EQ(text(Field::kBidVenue), "a");
  market_.mark_stale(a_);
  market_.mark_stale(b_);
  market_.flush();
  EXPECT_EQ(text(Field::kBidVenue), "null");
  EXPECT_EQ(text(Field::kAskVenue), "null");
}

TEST_F(BestFeeds, ForgetAVenueAsSoonAsItIsStale) {
  quote(a_, "9", "11");
  quote(b_, "10", "12");

  market_.mark_stale(b_);
  market_.flush();

  EXPECT_EQ(text(Field::kBid), "9");
  EXPECT_FALSE(best().stale);
  EXPECT_EQ(status().reason, "left out: b:BTC-USD (stale)");
  EXPECT_EQ(feed_->stats()->left_out.value(), 1);
}

TEST_F(BestFeeds, HaveNoPriceWhereNoVenueIsLeft) {
  quote(a_, "9", "11");
  quote(b_, "10", "12");

  market_.mark_stale(a_);
  market_.mark_stale(b_);
  market_.flush();

  EXPECT_EQ(text(Field::kBid), "null");
  EXPECT_EQ(text(Field::kAskSize), "null");
  EXPECT_TRUE(best().stale);
  EXPECT_EQ(status().state, FeedState::kStale);
}

TEST_F(BestFeeds, ForgetAVenueThatIsRemovedAndTakeItWhenItComesBack) {
  quote(a_, "9", "11");
  quote(b_, "10", "12");

  market_.remove(b_);
  market_.flush();
  EXPECT_EQ(text(Field::kBid), "9");

  b_ = add("b");
  quote(b_, "10.5", "12");
  EXPECT_EQ(text(Field::kBid), "10.5");

  // In one batch, as a reload may do it.
  market_.remove(b_);
  b_ = add("b");
  quote(b_, "10.6", "12");
  EXPECT_EQ(text(Field::kBid), "10.6");
}

TEST_F(BestFeeds, LeaveOutACrossedVenueThoughNothingChanges) {
  quote(a_, "9", "11");
  quote(b_, "19", "21");
  EXPECT_EQ(text(Field::kBid), "19");

  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (text(Field::kBid) != "19" || text(Field::kAsk) != "21") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    loop_.run_one(milliseconds(10));
  }

  // a has not changed for longer.
  EXPECT_EQ(status().reason, "left out: a:BTC-USD (crossed)");
}

// Its last quote stood for as long as the feed's timeout, though it was known that nobody heard more.
TEST_F(BestFeeds, ForgetAVenueThatCannotBeHeard) {
  quote(a_, "9", "11");
  quote(b_, "10", "12");

  market_.set_cut(b_, TimePoint::min());
  market_.flush();
  EXPECT_EQ(text(Field::kBid), "9");
  EXPECT_EQ(status().reason, "left out: b:BTC-USD (stale)");

  market_.set_cut(b_, std::nullopt);
  market_.flush();
  EXPECT_EQ(text(Field::kBid), "10");
  EXPECT_EQ(status().reason, "");
}

TEST_F(BestFeeds, BearWithAVenueThatMayBeBackSoonButNotForLong) {
  quote(a_, "9", "11");
  quote(b_, "10", "12");
  feed_->change(options(std::chrono::hours(1)));
  const auto cut = std::chrono::steady_clock::now();
  market_.set_cut(b_, cut);
  market_.flush();
  EXPECT_EQ(text(Field::kBid), "10");

  feed_->change(options(milliseconds(50)));
  market_.flush();
  const auto deadline = cut + std::chrono::seconds(30);
  while (text(Field::kBid) != "9") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    loop_.run_one(milliseconds(10));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - cut, milliseconds(50));
}

TEST_F(BestFeeds, KeepWhatStaysOverAChangeOfTheConfiguration) {
  quote(a_, "9", "11");
  const auto id = best().id;
  auto changed = options(milliseconds(50));
  changed.best[0].from = {"b:BTC-USD", "a:BTC-USD"};
  changed.best.push_back({"ETH-USD", {"a:ETH-USD", "b:ETH-USD"}, milliseconds(50)});

  feed_->change(changed);
  market_.flush();
  EXPECT_EQ(best().id, id);
  EXPECT_EQ(text(Field::kBid), "9");
  ASSERT_NE(replica_.find("best:ETH-USD"), nullptr);

  // Of other venues it is another instrument.
  changed.best[0].from = {"c:BTC-USD", "b:BTC-USD", "a:BTC-USD"};
  feed_->change(changed);
  market_.flush();
  EXPECT_NE(best().id, id);
  EXPECT_EQ(text(Field::kBid), "9");
  EXPECT_EQ(text(Field::kBidVenue), "a");

  changed.best.erase(changed.best.begin());
  feed_->change(changed);
  market_.flush();
  EXPECT_EQ(replica_.find("best:BTC-USD"), nullptr);
}

TEST_F(BestFeeds, DoNothingWhereNoVenueOfTheirsHasChanged) {
  quote(a_, "9", "11");
  const auto version = replica_.version();

  quote(a_, "9", "11");

  EXPECT_EQ(replica_.version(), version);
}

TEST_F(BestFeeds, AreGoneWhenRemoved) {
  feed_->remove();
  quote(a_, "9", "11");

  EXPECT_EQ(replica_.find("best:BTC-USD"), nullptr);
  EXPECT_EQ(status().feed, "");
}

}  // namespace
}  // namespace ticker::ingest
