#include <ticker/auth/verifier.hpp>

#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "keys.hpp"

namespace ticker::auth {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_us(1'723'161'255'000'000);
constexpr std::string_view kSecret = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kHeader = R"({"alg":"HS256"})";

class Verifying : public testing::Test {
 protected:
  std::shared_ptr<const Verifier> load(Verifier::Options options) {
    auto loaded = Verifier::load(std::move(options));
    EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().message);
    return loaded.ok() ? loaded.value() : nullptr;
  }
  Verifier::Options with_secret() const { return {{}, keys_.path("secret"), {}, {}, 0ms}; }
  static Signer::Token token(std::chrono::seconds lives = 1h) {
    Signer::Token token;
    token.claims.subject = "alice";
    token.claims.expires_at = kNow + lives;
    return token;
  }
  static std::string refusal(const std::variant<Claims, Refused>& result) {
    const auto* refused = std::get_if<Refused>(&result);
    return refused == nullptr
               ? "accepted"
               : std::string(kRefusalNames[static_cast<std::size_t>(refused->reason)]);
  }
  // What becomes of these claims, signed with the right secret.
  std::string verdict(std::string_view claims, const Verifier::Options& options) {
    return refusal(load(options)->verify(craft(kHeader, claims, kSecret), kNow));
  }
  std::string verdict(std::string_view claims) { return verdict(claims, with_secret()); }

  const Keys keys_;
};

TEST_F(Verifying, TellsWhatATokenOfEachAlgorithmAllows) {
  keys_.make_rsa("rsa");
  keys_.make_ec("ec");
  const auto verifier =
      load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, keys_.path("secret"), {}, {}, 0ms});
  Signer::Token wanted = token();
  wanted.claims.symbols = {{"kraken:*"}};
  wanted.claims.fields = {{"bid", "ask"}};
  wanted.claims.min_interval = 250ms;
  wanted.claims.connections = 3;
  const auto signers = {Signer::from_private_key(keys_.path("rsa.key")),
                        Signer::from_private_key(keys_.path("ec.key")),
                        Signer::from_secret(keys_.path("secret"))};
  for (const auto& signer : signers) {
    ASSERT_TRUE(signer.ok()) << signer.error().message;
    const auto result = verifier->verify(signer.value().sign(wanted).value(), kNow);
    const auto* claims = std::get_if<Claims>(&result);
    ASSERT_NE(claims, nullptr) << refusal(result);
    EXPECT_EQ(claims->subject, "alice");
    EXPECT_EQ(claims->expires_at, kNow + 1h);
    EXPECT_EQ(claims->symbols, wanted.claims.symbols);
    EXPECT_EQ(claims->fields, wanted.claims.fields);
    EXPECT_EQ(claims->min_interval, 250ms);
    EXPECT_EQ(claims->connections, 3U);
  }
}

// RFC 7515, appendix A.3: made by others than us.
TEST_F(Verifying, TakesTheStandardsExample) {
  const auto file = keys_.write(
      "jwk.json", R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                  R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})");
  const std::string example =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const auto verifier = load({{file}, {}, "joe", {}, 0ms});
  EXPECT_EQ(refusal(verifier->verify(example, from_us(1'300'819'379'000'000))), "accepted");
  EXPECT_EQ(refusal(verifier->verify(example, from_us(1'300'819'380'000'000))), "expired");
}

TEST_F(Verifying, RefusesAlgorithmNone) {
  const auto verifier = load(with_secret());
  const std::string claims = base64url(R"({"exp":9999999999})");
  for (const std::string_view name : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string header = base64url(R"({"alg":")" + std::string(name) + R"("})");
    EXPECT_EQ(refusal(verifier->verify(header + "." + claims + ".", kNow)), "algorithm") << name;
    EXPECT_EQ(refusal(verifier->verify(header + "." + claims + "." + base64url("x"), kNow)),
              "algorithm")
        << name;
  }
}

TEST_F(Verifying, RefusesAPublicKeyUsedAsASecret) {
  keys_.make_rsa("rsa");
  keys_.make_ec("ec");
  const std::string claims = R"({"exp":9999999999})";
  const auto only_public = load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, {}, {}, {}, 0ms});
  const auto with_both =
      load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, keys_.path("secret"), {}, {}, 0ms});
  for (const char* name : {"rsa.pem", "ec.pem"}) {
    const std::string forged = craft(kHeader, claims, keys_.read(name));
    EXPECT_EQ(refusal(only_public->verify(forged, kNow)), "key");
    EXPECT_EQ(refusal(with_both->verify(forged, kNow)), "signature");
  }
}

TEST_F(Verifying, RefusesAKeyOfAnotherAlgorithmUnderItsName) {
  keys_.make_rsa("rsa");
  keys_.make_ec("ec");
  const auto verifier =
      load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, keys_.path("secret"), {}, {}, 0ms});
  for (const std::string_view algorithm : {"RS256", "ES256"}) {
    const std::string header = R"({"alg":")" + std::string(algorithm) + R"("})";
    EXPECT_EQ(refusal(verifier->verify(craft(header, R"({"exp":9999999999})", kSecret), kNow)),
              "signature");
  }
  for (const std::string_view algorithm :
       {"HS384", "HS512", "PS256", "RS512", "ES384", "EdDSA", "dir"}) {
    const std::string header = R"({"alg":")" + std::string(algorithm) + R"("})";
    EXPECT_EQ(refusal(verifier->verify(craft(header, R"({"exp":9999999999})", kSecret), kNow)),
              "algorithm");
  }
}

TEST_F(Verifying, RefusesWhatAnotherKeySignedOrSomebodyChanged) {
  keys_.make_rsa("rsa");
  keys_.make_rsa("stranger");
  const auto verifier = load({{keys_.path("rsa.pem")}, keys_.path("secret"), {}, {}, 0ms});
  const auto stranger = Signer::from_private_key(keys_.path("stranger.key"));
  EXPECT_EQ(refusal(verifier->verify(stranger.value().sign(token()).value(), kNow)), "signature");
  const auto other = Signer::from_secret(keys_.path("other-secret"));
  EXPECT_EQ(refusal(verifier->verify(other.value().sign(token()).value(), kNow)), "signature");

  const auto friendly =
      Signer::from_private_key(keys_.path("rsa.key")).value().sign(token()).value();
  const std::size_t first = friendly.find('.');
  const std::size_t second = friendly.rfind('.');
  const std::string claims = base64url(R"({"sub":"root","exp":9999999999})");
  EXPECT_EQ(refusal(verifier->verify(
                friendly.substr(0, first + 1) + claims + friendly.substr(second), kNow)),
            "signature");
  EXPECT_EQ(refusal(verifier->verify(friendly.substr(0, second + 1), kNow)), "signature");
}

TEST_F(Verifying, HoldsTokensToTheirTimesWithinTheSkew) {
  const std::string now = std::to_string(to_us(kNow) / 1'000'000);
  const std::string later = std::to_string(to_us(kNow + 10s) / 1'000'000);
  EXPECT_EQ(verdict(R"({"exp":)" + later + "}"), "accepted");
  EXPECT_EQ(verdict(R"({"exp":)" + now + "}"), "expired");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"nbf":)" + later + "}"), "not_yet");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iat":)" + later + "}"), "not_yet");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"nbf":)" + now + R"(,"iat":)" + now + "}"), "accepted");
  auto skewed = with_secret();
  skewed.skew = 10s;
  EXPECT_EQ(verdict(R"({"exp":)" + now + "}", skewed), "accepted");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"nbf":)" + later + "}", skewed), "accepted");
  skewed.skew = 9s;
  EXPECT_EQ(verdict(R"({"exp":9999999999,"nbf":)" + later + "}", skewed), "not_yet");
  EXPECT_EQ(verdict(R"({"exp":)" + std::to_string(to_us(kNow - 9s) / 1'000'000) + "}", skewed),
            "expired");
}

TEST_F(Verifying, WantsTheIssuerAndAudienceConfigured) {
  auto options = with_secret();
  options.issuer = "https://login.example/";
  options.audience = "ticker";
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iss":"https://login.example/","aud":"ticker"})", options),
            "accepted");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iss":"https://login.example/","aud":["chat","ticker"]})",
                    options),
            "accepted");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iss":"https://login.example","aud":"ticker"})", options),
            "issuer");
  EXPECT_EQ(
      verdict(R"({"exp":9999999999,"iss":["https://login.example/"],"aud":"ticker"})", options),
      "issuer");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"aud":"ticker"})", options), "issuer");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iss":"https://login.example/","aud":"chat"})", options),
            "audience");
  EXPECT_EQ(verdict(R"({"exp":9999999999,"iss":"https://login.example/"})", options), "audience");
  // RFC 7519, 4.1.3: who has no name is not the one meant.
  EXPECT_EQ(verdict(R"({"exp":9999999999,"aud":"ticker"})"), "audience");
}

TEST_F(Verifying, RefusesClaimsThatMakeNoSense) {
  for (const std::string_view claims :
       {R"({"sub":"alice"})", R"({"exp":"tomorrow"})", R"({"exp":-1})", R"({"exp":1e300})",
        R"({"exp":null})", R"({"exp":9999999999,"nbf":"x"})", R"({"exp":9999999999,"sub":5})",
        R"({"exp":9999999999,"symbols":"kraken:*"})", R"({"exp":9999999999,"symbols":["a",5]})",
        R"({"exp":9999999999,"symbols":null})", R"({"exp":9999999999,"fields":{}})",
        R"({"exp":9999999999,"min_interval_ms":-1})", R"({"exp":9999999999,"min_interval_ms":1e9})",
        R"({"exp":9999999999,"connections":2})",
        R"({"exp":9999999999,"sub":"a","connections":0})"}) {
    EXPECT_EQ(verdict(claims), "claims") << claims;
  }
  for (const std::string_view claims :
       {"", "[]", "5", "{", R"({"exp":9999999999,"exp":9999999999})", "\xff"}) {
    EXPECT_EQ(verdict(claims), "malformed") << claims;
  }
  EXPECT_EQ(verdict(R"({"exp":9999999999,"symbols":[],"other":{"a":[1]}})"), "accepted");
}

TEST_F(Verifying, RefusesExtensionsItDoesNotKnow) {
  const auto verifier = load(with_secret());
  EXPECT_EQ(refusal(verifier->verify(craft(R"({"alg":"HS256","crit":["b64"],"b64":false})",
                                           R"({"exp":9999999999})", kSecret),
                                     kNow)),
            "algorithm");
  EXPECT_EQ(refusal(verifier->verify(
                craft(R"({"alg":"none","alg":"HS256"})", R"({"exp":9999999999})", kSecret), kNow)),
            "malformed");
}

TEST_F(Verifying, RefusesGarbageOfAnyKind) {
  const auto verifier = load(with_secret());
  const std::string good = craft(kHeader, R"({"exp":9999999999})", kSecret);
  ASSERT_EQ(refusal(verifier->verify(good, kNow)), "accepted");
  for (const std::string& token :
       {std::string(), std::string("."), std::string(".."), std::string("..."),
        std::string("a.b.c"), std::string("a.b.c.d.e"), good + ".", good + "=", " " + good,
        good + "\n", std::string(good).replace(3, 1, 1, '\0'), base64url("null") + ".e30.e30",
        base64url(R"({"alg":5})") + ".e30.e30", base64url(std::string(2'000, '[')) + ".e30.e30",
        std::string(Verifier::kMaxTokenBytes + 1, 'a')}) {
    EXPECT_EQ(refusal(verifier->verify(token, kNow)), "malformed") << token;
  }
}

// No change of a byte, and no cut, of a good token is accepted, nor does it break anything. What is
// decoded counts: the bits of a last digit that stand for nothing may differ.
TEST_F(Verifying, RefusesGoodTokensWithAnyByteChanged) {
  const auto verifier = load(with_secret());
  const std::string good =
      craft(kHeader, R"({"exp":9999999999,"sub":"alice","symbols":["kraken:*"]})", kSecret);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(refusal(verifier->verify(good.substr(0, size), kNow)), "accepted") << size;
  }
  std::mt19937 random(7);
  for (std::size_t at = 0; at + 1 < good.size(); ++at) {
    for (int i = 0; i < 8; ++i) {
      std::string changed = good;
      changed[at] = static_cast<char>(random());
      if (changed[at] != good[at]) {
        EXPECT_NE(refusal(verifier->verify(changed, kNow)), "accepted") << changed;
      }
    }
  }
}

// What it remembers is that this text was signed, and nothing else of it.
TEST_F(Verifying, LooksAtATokenThatWasGoodAgain) {
  keys_.make_rsa("rsa");
  keys_.make_ec("ec");
  keys_.make_rsa("rsa2");
  keys_.make_ec("ec2");
  const auto verifier = load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, {}, {}, {}, 0ms});
  const auto renewed = load({{keys_.path("rsa2.pem"), keys_.path("ec2.pem")}, {}, {}, {}, 0ms});
  for (const char* key : {"rsa.key", "ec.key"}) {
    const std::string good =
        Signer::from_private_key(keys_.path(key)).value().sign(token(10s)).value();
    for (int shown = 0; shown < 3; ++shown) {
      EXPECT_EQ(refusal(verifier->verify(good, kNow)), "accepted");
    }
    EXPECT_EQ(refusal(verifier->verify(good, kNow + 10s)), "expired");
    EXPECT_EQ(refusal(renewed->verify(good, kNow)), "signature");
    // Not the last digit, some of whose bits stand for nothing.
    for (std::size_t at = 0; at + 1 < good.size(); at += 7) {
      std::string changed = good;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      EXPECT_NE(refusal(verifier->verify(changed, kNow)), "accepted") << changed;
    }
  }
}

TEST_F(Verifying, MayBeUsedByManyThreads) {
  keys_.make_rsa("rsa");
  keys_.make_ec("ec");
  const auto verifier =
      load({{keys_.path("rsa.pem"), keys_.path("ec.pem")}, keys_.path("secret"), {}, {}, 0ms});
  const std::vector<std::string> tokens = {
      Signer::from_private_key(keys_.path("rsa.key")).value().sign(token()).value(),
      Signer::from_private_key(keys_.path("ec.key")).value().sign(token()).value(),
      Signer::from_secret(keys_.path("secret")).value().sign(token()).value()};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20; ++round) {
        for (const std::string& shown : tokens) {
          EXPECT_EQ(refusal(verifier->verify(shown, kNow)), "accepted");
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
}

}  // namespace
}  // namespace ticker::auth
