#include "event_times.hpp"

#include <string>

#include <gtest/gtest.h>

#include <ticker/venue_sim/protocol.hpp>

namespace ticker::venue_sim {
namespace {

using std::chrono::milliseconds;

std::string shifted(std::string_view message, milliseconds by = milliseconds(1500)) {
  return shift_times(message, by,
                     [](std::string_view key, std::string_view) { return key == "t"; });
}

TEST(EventTimes, KeepTheirUnitAndForm) {
  for (const auto& [before, after] :
       {std::pair{"1641343699", "1641343700"},
        {"\"1641343699\"", "\"1641343700\""},
        {"1534614057.321597", "1534614058.821597"},
        {"1723161256313", "1723161257813"},
        {"\"1641343699596000\"", "\"1641343701096000\""},
        {"1723161256313000001", "1723161257813000001"},
        {"\"2026-12-31T23:59:59Z\"", "\"2027-01-01T00:00:00Z\""},
        {"\"2026-08-09T21:05:48.5Z\"", "\"2026-08-09T21:05:50.0Z\""},
        {"\"2026-08-09T21:05:48.228568123+02:00\"", "\"2026-08-09T21:05:49.728568123+02:00\""}}) {
    EXPECT_EQ(shifted(std::string(R"({"t":)") + before + "}"),
              std::string(R"({"t":)") + after + "}");
  }
  EXPECT_EQ(shifted(R"({"t" : 1723161256313 })", milliseconds(-313)), R"({"t" : 1723161256000 })");
}

TEST(EventTimes, AreAllThatChanges) {
  for (const auto* text :
       {R"({"a":1723161256313,"b":["1",{"t":"no time"}],"c":"\"t\":1723161256313"})",
        R"({"t":null,"u":{"t":-5,"v":1e5},"t":"","t":"99999999999999999999","t":"2026-99-99T"})",
        R"({"t":[1723161256313]})", "\"t", "{\"t\":\"\\", "", "t"}) {
    EXPECT_EQ(shifted(text), text);
  }
}

TEST(EventTimes, AreKnownOfEveryVenue) {
  struct Case {
    const char* venue;
    const char* message;
    const char* later;
  };
  for (
      const auto& one : {
          Case{"binance-usdm",
               R"({"e":"trade","E":1723161256313,"t":1723161256313,"T":1723161256312})",
               R"({"e":"trade","E":1723161316313,"t":1723161256313,"T":1723161316312})"},
          Case{"coinbase-exchange", R"({"trade_id":1,"time":"2021-04-17T09:59:59.5Z"})",
               R"({"trade_id":1,"time":"2021-04-17T10:00:59.5Z"})"},
          Case{
              "coinbase-advanced",
              R"({"timestamp":"2026-08-09T21:05:48Z","events":[{"time":"2026-08-09T21:05:48Z"}]})",
              R"({"timestamp":"2026-08-09T21:06:48Z","events":[{"time":"2026-08-09T21:06:48Z"}]})"},
          Case{"kraken-v1",
               R"([321,[["5541.20000","0.15850568","1534614057.321597","s"]],"trade","XBT/USD"])",
               R"([321,[["5541.20000","0.15850568","1534614117.321597","s"]],"trade","XBT/USD"])"},
          Case{"kraken-v2", R"({"data":[{"qty":1.5,"timestamp":"2026-08-09T21:05:48.1Z"}]})",
               R"({"data":[{"qty":1.5,"timestamp":"2026-08-09T21:06:48.1Z"}]})"},
          Case{"bitstamp",
               R"({"data":{"id":1,"timestamp":"1641343699","microtimestamp":"1641343699596000"}})",
               R"({"data":{"id":1,"timestamp":"1641343759","microtimestamp":"1641343759596000"}})"},
          Case{"okx", R"({"data":[{"tradeId":"1","ts":"1723161256313"}]})",
               R"({"data":[{"tradeId":"1","ts":"1723161316313"}]})"},
          Case{"bybit-linear",
               R"({"ts":1723161256313,"cs":1723161256313,"data":[{"T":1723161256313}]})",
               R"({"ts":1723161316313,"cs":1723161256313,"data":[{"T":1723161316313}]})"},
          Case{"bitfinex", R"([17,"te",[401597393,1617643611128,-0.757,57000.5]])",
               R"([17,"te",[401597393,1617643671128,-0.757,57000.5]])"},
      }) {
    const auto protocol = make_protocol(one.venue).value();
    EXPECT_EQ(shift_times(one.message, std::chrono::minutes(1),
                          [&](auto key, auto value) { return protocol->is_time(key, value); }),
              one.later)
        << one.venue;
  }
}

}  // namespace
}  // namespace ticker::venue_sim
