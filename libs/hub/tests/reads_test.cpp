#include <ticker/hub/hub.hpp>

#include <gmock/gmock.h>

#include "hub_fixture.hpp"

namespace ticker::hub {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Reads : public HubFixture {
 protected:
  static protocol::TickersQuery query(std::vector<std::string> symbols) {
    return {std::move(symbols), market::FieldSet(market::Field::kBid)};
  }
};

TEST_F(Reads, AnswerAsASnapshotWould) {
  given({"k:A", "k:B", "x:C"});
  bid("k:A", "1.50");
  const auto body = hub().read_tickers(query({"k:*", "x:Y"}));
  EXPECT_EQ(
      *body.text,
      R"({"epoch":"e1","version":4,"data":[{"symbol":"k:A","bid":"1.50","stale":false},)"
      R"({"symbol":"k:B","stale":true}],"rejected":[{"symbol":"x:Y","code":"unknown_symbol"}]})");
  EXPECT_EQ(body.etag, R"("e1-4")");
}

TEST_F(Reads, ShareOneBodyAsLongAsNothingChanged) {
  given({"k:A"});
  const auto first = hub().read_tickers(query({"k:A"}));
  EXPECT_EQ(hub().read_tickers(query({"k:A"})).text, first.text);
  EXPECT_NE(hub().read_tickers(query({"k:*"})).text, first.text);
  EXPECT_EQ(hub().read_symbols().text, hub().read_symbols().text);
  bid("k:A", "1");
  publish();
  const auto later = hub().read_tickers(query({"k:A"}));
  EXPECT_NE(later.text, first.text);
  EXPECT_NE(later.etag, first.etag);
}

TEST_F(Reads, ShowOnlyWhatTheFilterAllows) {
  given({"k:A", "x:B"});
  const Access access{SymbolFilter({protocol::Pattern("k:*")})};
  EXPECT_THAT(*hub().read_tickers({{}, market::FieldSet::all()}, access).text,
              Not(HasSubstr("x:B")));
  EXPECT_THAT(*hub().read_tickers(query({"x:B"}), access).text, HasSubstr("unknown_symbol"));
  EXPECT_THAT(*hub().read_tickers(query({"x:B"})).text, Not(HasSubstr("unknown_symbol")));
  EXPECT_THAT(*hub().read_symbols(access.symbols).text, Not(HasSubstr("x:B")));
}

TEST_F(Reads, CountAFeedsInstruments) {
  given({"k:A", "k:B", "x:C"});
  bid("k:A", "1");
  EXPECT_EQ(hub().count_feed("k").symbols, 2U);
  EXPECT_EQ(hub().count_feed("k").stale, 1U);
}

}  // namespace
}  // namespace ticker::hub
