#include "watch_session.hpp"

#include <gtest/gtest.h>

#include <ticker/protocol/request.hpp>

namespace ticker::tickerctl {
namespace {

using market::Field;
using market::FieldSet;

TEST(SubscribeText, IsARequestThatTheServiceReadsAsMeant) {
  WatchRequest request;
  request.symbols = {"kraken:*", "x:\"quoted\""};
  request.fields = FieldSet(Field::kBid) | Field::kAsk;
  request.interval = std::chrono::milliseconds(250);

  const auto read = protocol::parse_request(subscribe_text(request, protocol::Since{"e1", 17}));

  const auto& subscribe = std::get<protocol::Subscribe>(std::get<protocol::Request>(read));
  EXPECT_EQ(subscribe.symbols, request.symbols);
  EXPECT_EQ(subscribe.fields, request.fields);
  EXPECT_EQ(subscribe.interval_ms, 250U);
  EXPECT_EQ(subscribe.since, (protocol::Since{"e1", 17}));
}

TEST(SubscribeText, LeavesOutWhatTheUserLeftOut) {
  WatchRequest request;
  request.symbols = {"*"};

  EXPECT_EQ(subscribe_text(request, std::nullopt), R"({"op":"subscribe","id":1,"symbols":["*"]})");
}

}  // namespace
}  // namespace ticker::tickerctl
