#include <ticker/recording/header.hpp>

#include <gtest/gtest.h>

namespace ticker::recording {
namespace {

TEST(Header, ComesBackFromItsText) {
  const Header header{.ticker = "1.2",
                      .feed = "okx",
                      .adapter = "okx",
                      .url = "wss://example.org/ws",
                      .trades = "trade",
                      .description = R"({"messages":[{"symbol":"/s"}]})",
                      .symbols = {{"BTC-USDT", "BTC-USDT"}, {"A-B", "a b"}}};
  EXPECT_EQ(to_text(header),
            "# ticker-recording 1\n# ticker 1.2\n# feed okx\n# adapter okx\n"
            "# url wss://example.org/ws\n# trades trade\n"
            "# description {\"messages\":[{\"symbol\":\"/s\"}]}\n# symbol BTC-USDT BTC-USDT\n"
            "# symbol A-B a b\n");
  EXPECT_EQ(parse_header(to_text(header)), header);
}

TEST(Header, PassesOverLinesThatItDoesNotKnow) {
  Header header;
  header.feed = "x";
  header.adapter = "okx";
  header.symbols = {{"", ""}};
  EXPECT_EQ(parse_header("# later thing\n\n#\n# feed x\nfeed y\n# symbol\n# adapter okx"), header);
}

TEST(Header, KeepsAValueOnItsLine) {
  Header header;
  header.feed = "x\n# adapter okx";
  EXPECT_EQ(parse_header(to_text(header)).feed, "x # adapter okx");
  EXPECT_EQ(parse_header(to_text(header)).adapter, "");
}

TEST(PublicUrl, LeavesOutWhatMayBeSecret) {
  EXPECT_EQ(public_url("wss://example.org:443/ws/a"), "wss://example.org:443/ws/a");
  EXPECT_EQ(public_url("wss://example.org/ws?token=x"), "wss://example.org/ws");
  EXPECT_EQ(public_url("wss://example.org?token=x/@"), "wss://example.org");
  EXPECT_EQ(public_url("wss://user:pass@word@example.org/a@b#c"), "wss://example.org/a@b");
  EXPECT_EQ(public_url(""), "");
}

}  // namespace
}  // namespace ticker::recording
