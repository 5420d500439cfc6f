#include "token_gate.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <ticker/auth/signer.hpp>

namespace ticker::tickerd {
namespace {

using namespace std::chrono_literals;

class TokenGateTest : public ::testing::Test {
 protected:
  TokenGateTest() { std::ofstream(secret_) << "0123456789abcdef0123456789abcdef"; }
  ~TokenGateTest() override { std::filesystem::remove(secret_); }

  std::shared_ptr<const auth::Verifier> verifier() const { return auth::Verifier::load({{}, secret_, {}, {}, 0ms}).value(); }
  std::string sign(auth::Claims claims) const {
    auth::Signer::Token token;
    token.claims = std::move(claims);
    token.claims.expires_at = wall_now() + 1h;
    return auth::Signer::from_secret(secret_).value().sign(token).value();
  }
  static TokenGate::Pass pass_of(std::string subject, std::uint32_t connections) {
    return {{}, std::move(subject), connections, {}};
  }

  const std::string secret_ = ::testing::TempDir() + "token_gate_test_" +
                              ::testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(TokenGateTest, GivesWhatTheClaimsSay) {
  const TokenGate gate(verifier());
  auth::Claims claims;
  claims.subject = "alice";
  claims.symbols = {{"kraken:*"}};
  claims.fields = {{"bid", "a_field_of_next_year"}};
  claims.min_interval = 250ms;
  claims.connections = 2;
  // The service's clock need not be the time of day.
  const Timestamp now = from_us(5'000'000);
  const auto checked = gate.check(sign(claims), now);
  ASSERT_TRUE(std::holds_alternative<TokenGate::Pass>(checked));
  const auto& pass = std::get<TokenGate::Pass>(checked);
  EXPECT_TRUE(pass.grant.access->symbols.allows("kraken:BTC-USD"));
  EXPECT_FALSE(pass.grant.access->symbols.allows("binance:BTC-USDT"));
  EXPECT_EQ(pass.grant.access->fields, market::FieldSet(market::Field::kBid));
  EXPECT_EQ(pass.grant.access->min_interval, 250ms);
  EXPECT_GT(*pass.grant.expires_at, now + 59min);
  EXPECT_LE(*pass.grant.expires_at, now + 1h);
  EXPECT_EQ(pass.subject, "alice");
  EXPECT_EQ(pass.connections, 2U);
}

TEST_F(TokenGateTest, RefusesSymbolsThatCantBe) {
  const TokenGate gate(verifier());
  for (const std::string& text : {std::string(), std::string("a*b*c*d*e*f"), std::string(129, 'a'), std::string("a\tb")}) {
    auth::Claims claims;
    claims.symbols = {{text}};
    const auto checked = gate.check(sign(claims), wall_now());
    ASSERT_TRUE(std::holds_alternative<auth::Refused>(checked)) << text;
    EXPECT_EQ(std::get<auth::Refused>(checked).reason, auth::Refusal::kClaims);
  }
}

TEST_F(TokenGateTest, GoesByTheNewKeysOnceItHasThem) {
  TokenGate gate(verifier());
  const std::string token = sign({});
  std::ofstream(secret_) << "another secret of thirty-two bytes or more";
  gate.set_verifier(verifier());
  EXPECT_TRUE(std::holds_alternative<auth::Refused>(gate.check(token, wall_now())));
  EXPECT_TRUE(std::holds_alternative<TokenGate::Pass>(gate.check(sign({}), wall_now())));
}

TEST_F(TokenGateTest, CountsTheConnectionsOfASubject) {
  TokenGate gate(verifier());
  auto first = gate.take_seat(pass_of("alice", 2));
  auto second = gate.take_seat(pass_of("alice", 2));
  EXPECT_TRUE(second.has_value());
  EXPECT_FALSE(gate.take_seat(pass_of("alice", 2)).has_value());
  EXPECT_TRUE(gate.take_seat(pass_of("bob", 1)).has_value());
  EXPECT_TRUE(gate.take_seat(pass_of("alice", 0)).has_value());
  first.reset();
  EXPECT_TRUE(gate.take_seat(pass_of("alice", 2)).has_value());
}

TEST_F(TokenGateTest, LetsOneReadAtTheTokensPaceTogetherWithItsOwnersOtherTokens) {
  TokenGate gate(verifier());
  const Timestamp now = from_us(5'000'000);
  const auto reads = [&](auth::Claims claims) {
    claims.min_interval = 1s;
    const auto pass = std::get<TokenGate::Pass>(gate.check(sign(std::move(claims)), now));
    int count = 0;
    while (count < 100 && gate.admit_read(pass, now)) {
      ++count;
    }
    return count;
  };
  auth::Claims alice;
  alice.subject = "alice";
  EXPECT_EQ(reads(alice), 8);
  alice.symbols = {{"kraken:*"}};
  EXPECT_EQ(reads(alice), 0) << "it is another token of hers";
  auth::Claims nobody;
  EXPECT_EQ(reads(nobody), 8);
  nobody.symbols = {{"kraken:*"}};
  EXPECT_EQ(reads(nobody), 8) << "whose they are, nobody knows";
  const auto free = std::get<TokenGate::Pass>(gate.check(sign({}), now));
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(gate.admit_read(free, now));
  }
}

TEST(ShownToken, IsTheHeadersOrElseTheQuerys) {
  net::HttpRequest request;
  EXPECT_FALSE(shown_token(request).has_value());
  request.query = "symbols=*&token=a.b%2Dc";
  EXPECT_EQ(shown_token(request)->text, "a.b-c");
  EXPECT_FALSE(shown_token(request)->in_header);
  request.headers = {{"Authorization", "bearer x.y.z"}};
  EXPECT_EQ(shown_token(request)->text, "x.y.z");
  EXPECT_TRUE(shown_token(request)->in_header);
  request.headers = {{"Authorization", "Basic eDp5"}};
  EXPECT_EQ(shown_token(request)->text, "a.b-c");
}

}  // namespace
}  // namespace ticker::tickerd
