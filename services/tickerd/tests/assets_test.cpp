#include "assets.hpp"

#include <gtest/gtest.h>

namespace ticker::tickerd {
namespace {

using net::HttpRequest;
using net::HttpResponse;

// A page, and a script of three forms.
constexpr std::string_view kPack =
    "ticker pack 1\n"
    "/\ttext/html; charset=utf-8\tno-cache\tidentity\t\"page\"\t6\n"
    "/assets/app.12ab.js\ttext/javascript\timmutable\tbr\t\"app-br\"\t1\n"
    "/assets/app.12ab.js\ttext/javascript\timmutable\tgzip\t\"app-gzip\"\t2\n"
    "/assets/app.12ab.js\ttext/javascript\timmutable\tidentity\t\"app\"\t5\n"
    "\n"
    "<page>bgzplain";

Assets sample() {
  auto assets = Assets::read(kPack);
  EXPECT_TRUE(assets.ok());
  return std::move(assets).value();
}

HttpResponse get(const Assets& assets, const std::string& path, net::Headers headers = {}) {
  HttpRequest request;
  request.method = "GET";
  request.path = path;
  request.headers = std::move(headers);
  return assets.answer(request);
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      return value;
    }
  }
  return "none";
}

TEST(Assets, WithoutAPackTellWhatElseThereIs) {
  const Assets assets;
  const auto page = get(assets, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body->find("no dashboard"), std::string::npos);
  for (const char* path : {"/v1/stream", "/v1/tickers", "/v1/symbols", "/v1/feeds", "/healthz", "/readyz"}) {
    EXPECT_NE(page.body->find(path), std::string::npos) << path;
  }
}

TEST(Assets, HaveOneOfThePagesOnly) {
  constexpr std::string_view kBoth =
      "ticker pack 1\n"
      "/\ttext/html; charset=utf-8\tno-cache\tidentity\t\"a\"\t7\n"
      "/assets/app.js\ttext/javascript\timmutable\tidentity\t\"b\"\t6\n"
      "/operations.html\ttext/html; charset=utf-8\tno-cache\tidentity\t\"c\"\t9\n"
      "\n"
      "tradersscriptoperators";
  const auto traders = Assets::read(kBoth, Assets::Page::kTraders);
  const auto operators = Assets::read(kBoth, Assets::Page::kOperators);
  ASSERT_TRUE(traders.ok() && operators.ok());
  EXPECT_EQ(*get(traders.value(), "/").body, "traders");
  EXPECT_EQ(*get(operators.value(), "/").body, "operators");
  for (const auto* assets : {&traders.value(), &operators.value()}) {
    EXPECT_EQ(*get(*assets, "/assets/app.js").body, "script");
    EXPECT_FALSE(assets->contains("/operations.html"));
  }
  EXPECT_NE(get(Assets(Assets::Page::kOperators), "/").body->find("/metrics"), std::string::npos);
}

TEST(Assets, AreCachedForEverUnderNamesOfTheirContentAndPagesNever) {
  const Assets assets = sample();
  EXPECT_EQ(header(get(assets, "/"), "Cache-Control"), "no-cache");
  EXPECT_EQ(header(get(assets, "/assets/app.12ab.js"), "Cache-Control"), "public, max-age=31536000, immutable");
}

TEST(Assets, GoOutInTheFormThatIsAccepted) {
  const Assets assets = sample();
  struct Case { const char* accepted; const char* coding; const char* body; const char* etag; };
  for (const auto& [accepted, coding, body, etag] : {
           Case{"gzip, deflate, br", "br", "b", "\"app-br\""},
           Case{"gzip", "gzip", "gz", "\"app-gzip\""},
           Case{"br;q=0.5, gzip;q=0.8", "gzip", "gz", "\"app-gzip\""},
           Case{"br;q=0, *", "gzip", "gz", "\"app-gzip\""},
           Case{"deflate", "none", "plain", "\"app\""},
           Case{"", "none", "plain", "\"app\""}}) {
    const auto response = get(assets, "/assets/app.12ab.js", {{"Accept-Encoding", accepted}});
    EXPECT_EQ(header(response, "Content-Encoding"), coding) << accepted;
    EXPECT_EQ(*response.body, body) << accepted;
    EXPECT_EQ(header(response, "ETag"), etag) << accepted;
    EXPECT_EQ(header(response, "Content-Type"), "text/javascript");
    EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
  }
}

TEST(Assets, AreNotSentAgainToWhoHasThem) {
  const Assets assets = sample();
  const auto response = get(assets, "/assets/app.12ab.js", {{"Accept-Encoding", "br"}, {"If-None-Match", "\"x\", \"app-br\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, nullptr);
  EXPECT_EQ(header(response, "ETag"), "\"app-br\"");
  EXPECT_EQ(header(response, "Vary"), "Accept-Encoding");
  EXPECT_EQ(get(assets, "/assets/app.12ab.js", {{"If-None-Match", "\"app-br\""}}).status, 200) << "another form";
}

TEST(Assets, LetAPageRunNoScriptsButItsOwnFiles) {
  const Assets assets = sample();
  const std::string policy = header(get(assets, "/"), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(header(get(assets, "/"), "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(get(assets, "/"), "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(header(get(assets, "/assets/app.12ab.js"), "X-Content-Type-Options"), "nosniff");
}

TEST(Assets, AreFoundByTheirWholePathOnly) {
  const Assets assets = sample();
  EXPECT_TRUE(assets.contains("/assets/app.12ab.js"));
  for (const char* path : {"", "/assets", "/assets/", "/assets/app.12AB.js", "/assets/app.12ab.js/", "//assets/app.12ab.js", "/assets/../",
                           "/assets/./app.12ab.js", "/assets/%61pp.12ab.js", "assets/app.12ab.js", "/assets/app.12ab.js%00"}) {
    EXPECT_FALSE(assets.contains(path)) << path;
  }
}

TEST(Assets, RefuseAPackThatIsCutOrWrong) {
  for (std::size_t size = 1; size < kPack.size(); ++size) {
    EXPECT_FALSE(Assets::read(kPack.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Assets::read(std::string(kPack) + "x").ok());
  EXPECT_FALSE(Assets::read("ticker pack 1\n/x\ttext/plain\tno-cache\tidentity\t\"x\"\t-1\n\n").ok());
  EXPECT_FALSE(Assets::read("ticker pack 1\n/x\ttext/plain\tno-cache\tidentity\t\"x\"\t0\n\n").ok()) << "no page";
}

TEST(Assets, BuiltIntoTheProgramCanBeRead) { EXPECT_TRUE(Assets::read(embedded_pack()).ok()); }

TEST(CodingWeight, IsWhatTheHeaderGivesToACoding) {
  EXPECT_EQ(coding_weight("gzip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("GZip ; Q=0.25", "gzip"), 250);
  EXPECT_EQ(coding_weight("br,gzip;q=1.000", "gzip"), 1000);
  EXPECT_EQ(coding_weight("*;q=0.1, gzip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("*;q=0.1", "gzip"), 100);
  EXPECT_EQ(coding_weight("x-gzip", "gzip"), 0);
  EXPECT_EQ(coding_weight("gzip;q=0", "gzip"), 0);
  EXPECT_EQ(coding_weight("", "gzip"), 0);
}

TEST(CodingWeight, LeavesThePlainFormForWantOfABetterOne) {
  EXPECT_EQ(coding_weight("", "identity"), 1);
  EXPECT_EQ(coding_weight("br;q=0.001", "identity"), 1);
  EXPECT_EQ(coding_weight("*", "identity"), 1);
  EXPECT_EQ(coding_weight("*;q=0", "identity"), 0);
  EXPECT_EQ(coding_weight("identity;q=0.5", "identity"), 500);
}

TEST(CodingWeight, OfWhatIsMalformedIsNothing) {
  for (const char* accepted : {"gzip;q=", "gzip;q=2", "gzip;q=0.1234", "gzip;q=1x", "gzip;q", "gzip;x=1", "gzip;q=-1", "gzip;q=0,5", ";;,,", "\xff"}) {
    EXPECT_EQ(coding_weight(accepted, "gzip"), 0) << accepted;
  }
}

}  // namespace
}  // namespace ticker::tickerd
