#include "watch_table.hpp"

#include <chrono>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include <ticker/protocol/push.hpp>

namespace ticker::tickerctl {
namespace {

using namespace std::chrono_literals;
using market::Field;
using market::FieldSet;

constexpr WatchTable::TimePoint kStart{1h};
constexpr WatchTable::Heading kLive{"live", true};

protocol::EntryFrame frame(const std::string& json) {
  return std::get<protocol::EntryFrame>(std::get<protocol::Push>(protocol::parse_push(json)));
}

// A table of bid and ask, and the state that it shows.
struct Watched {
  WatchTable table{FieldSet(Field::kBid) | Field::kAsk};
  protocol::ClientState held;

  void take(const std::string& json, WatchTable::TimePoint now) {
    const auto news = frame(json);
    table.note(news, held, now);
    held.apply(news);
  }
  std::string draw(WatchTable::TimePoint now, WatchTable::Size size = {80, 24}) { return table.draw(held, kLive, size, now); }
};

// Without ANSI sequences: what a person reads.
std::string plain(const std::string& screen) {
  std::string text;
  for (std::size_t i = 0; i < screen.size(); ++i) {
    if (screen[i] == '\x1b') {
      i = screen.find_first_of("HJKm", i);
    } else if (screen[i] != '\r') {
      text += screen[i];
    }
  }
  return text;
}

const std::string kSnapshot = R"({"type":"snapshot","lane":"","version":1,"data":[
  {"symbol":"k:A-B","bid":"1.5","ask":"2","stale":false},{"symbol":"k:LONG-B","bid":"10.25","ask":null,"stale":true}]})";

TEST(WatchTable, DrawsAHeadingColumnNamesAndOneRowAnInstrument) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  EXPECT_EQ(plain(watched.draw(kStart)),
            "live\n"
            "symbol      bid  ask\n"
            "k:A-B       1.5    2\n"
            "k:LONG-B  10.25    -");
}

TEST(WatchTable, LetsAChangedCellStandOutForAMomentByItsDirection) {
  Watched watched;
  watched.take(kSnapshot, kStart);
  EXPECT_FALSE(watched.table.flashing(kStart));

  watched.take(R"({"type":"delta","lane":"","version":2,"data":[{"symbol":"k:A-B","bid":"1.4","ask":"3"}]})", kStart);

  EXPECT_NE(watched.draw(kStart).find("\x1b[1;31m1.4\x1b[0m"), std::string::npos);
  EXPECT_NE(watched.draw(kStart).find("\x1b[1;32m3\x1b[0m"), std::string::npos);
  EXPECT_TRUE(watched.table.flashing(kStart));
  EXPECT_EQ(watched.draw(kStart + WatchTable::kFlash).find("\x1b[1;31m"), std::string::npos);
  EXPECT_FALSE(watched.table.flashing(kStart + WatchTable::kFlash));
}

TEST(WatchTable, DoesNotFlashAValueThatIsTheOneAlreadyHeld) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  watched.take(R"({"type":"delta","lane":"","version":2,"data":[{"symbol":"k:A-B","bid":"1.5"}]})", kStart);

  EXPECT_FALSE(watched.table.flashing(kStart));
}

TEST(WatchTable, DimsARowThatIsStale) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  EXPECT_NE(watched.draw(kStart).find("\x1b[2mk:LONG-B"), std::string::npos);
  EXPECT_EQ(watched.draw(kStart).find("\x1b[2mk:A-B"), std::string::npos);
}

TEST(WatchTable, LeavesOutColumnsThatHaveNoRoom) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  EXPECT_EQ(plain(watched.draw(kStart, {16, 24})),
            "live\n"
            "symbol      bid\n"
            "k:A-B       1.5\n"
            "k:LONG-B  10.25");
  EXPECT_EQ(plain(watched.draw(kStart, {4, 24})), "live\nsymb\nk:A-\nk:LO");
}

TEST(WatchTable, TellsHowManyRowsHaveNoRoom) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  EXPECT_EQ(plain(watched.draw(kStart, {80, 3})), "live\nsymbol      bid  ask\n… 2 more");
  EXPECT_EQ(plain(watched.draw(kStart, {80, 4})), "live\nsymbol      bid  ask\nk:A-B       1.5    2\nk:LONG-B  10.25    -");
  EXPECT_EQ(plain(watched.draw(kStart, {80, 1})), "live");
}

TEST(WatchTable, ForgetsARemovedInstrument) {
  Watched watched;
  watched.take(kSnapshot, kStart);

  watched.take(R"({"type":"delta","lane":"","version":2,"data":[{"symbol":"k:A-B","removed":true}]})", kStart);

  EXPECT_EQ(plain(watched.draw(kStart)).find("k:A-B"), std::string::npos);
}

}  // namespace
}  // namespace ticker::tickerctl
