#include "key_set.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/base/log.hpp>

#include "keys.hpp"

namespace ticker::auth {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kNow = from_us(1'723'161'255'000'000);

std::string fault(Verifier::Options options) {
  const auto loaded = Verifier::load(std::move(options));
  return loaded.ok() ? "" : loaded.error().message;
}

bool accepts(const std::shared_ptr<const Verifier>& verifier, const std::string& token) {
  return std::holds_alternative<Claims>(verifier->verify(token, kNow));
}

std::string jwk_of(const Keys& keys, const std::string& name, const std::string& more) {
  const auto key = pem_key(keys.read(name), false);
  cjose_err error{};
  const Chars json(cjose_jwk_to_json(key.value().jwk.get(), false, &error));
  std::string text(json.get());
  text.pop_back();
  return text + "," + more + "}";
}

std::string signed_by(const Keys& keys, const std::string& name, const std::string& id) {
  Signer::Token token;
  token.claims.expires_at = kNow + 1h;
  token.key_id = id;
  return Signer::from_private_key(keys.path(name)).value().sign(token).value();
}

// A provider's set while it changes keys: the old one, the new one, and some that are for other
// things.
TEST(KeySet, FindsTheKeyOfATokenByItsName) {
  const Keys keys;
  keys.make_rsa("old");
  keys.make_ec("new");
  keys.make_rsa("unlisted");
  const auto set = keys.write(
      "jwks.json",
      R"({"keys":[)" + jwk_of(keys, "old.pem", R"("kid":"old","use":"sig","alg":"RS256")") + "," +
          jwk_of(keys, "new.pem", R"("kid":"new")") + "," +
          jwk_of(keys, "unlisted.pem", R"("kid":"enc","use":"enc")") + "," +
          R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})");
  const auto verifier = Verifier::load({{set}, {}, {}, {}, 0ms}).value();
  EXPECT_TRUE(accepts(verifier, signed_by(keys, "old.key", "old")));
  EXPECT_TRUE(accepts(verifier, signed_by(keys, "new.key", "new")));
  EXPECT_TRUE(accepts(verifier, signed_by(keys, "new.key", "")));
  EXPECT_FALSE(accepts(verifier, signed_by(keys, "old.key", "new")));
  EXPECT_FALSE(accepts(verifier, signed_by(keys, "old.key", "gone")));
  EXPECT_FALSE(accepts(verifier, signed_by(keys, "unlisted.key", "enc")));
}

// A login service that publishes one bad key must not keep the others, and a reload with all that
// is new beside them, from being taken over.
TEST(KeySet, LeavesOutBadKeysOfASetAndSaysSo) {
  const Keys keys;
  keys.make_ec("good");
  const auto set = keys.write(
      "jwks.json", R"({"keys":[{"kty":"oct","k":"c2VjcmV0"},{"kty":"RSA","n":"","e":"AQAB"},)" +
                       jwk_of(keys, "good.pem", R"("kid":"good")") + "]}");
  std::vector<std::string> logged;
  log::set_sink([&](log::Level, std::string_view line) { logged.emplace_back(line); });
  const auto loaded = Verifier::load({{set}, {}, {}, {}, 0ms});
  log::set_sink(nullptr);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_TRUE(accepts(loaded.value(), signed_by(keys, "good.key", "good")));
  EXPECT_EQ(logged, std::vector<std::string>{set + ": 2 of 3 keys left out, the first because: " +
                                             "a key of HS256 is too short: 48 bits"});
}

TEST(KeySet, RefusesASetThatHoldsAPrivateKeyOrNoneThatIsGood) {
  const Keys keys;
  keys.make_ec("good");
  const auto refused = [&](const std::string& set) {
    const auto file = keys.write("jwks.json", R"({"keys":[)" + set + "]}");
    const auto words = fault({{file}, {}, {}, {}, 0ms});
    return words.substr(std::min(words.size(), file.size()));
  };
  EXPECT_EQ(refused(jwk_of(keys, "good.pem", R"("kid":"good")") + "," +
                    jwk_of(keys, "good.pem", R"("d":"AAAA")")),
            ": holds a private key, which is not needed here: give the public one");
  EXPECT_EQ(refused(R"({"kty":"oct","k":"c2VjcmV0"},{"kty":"OKP"})"),
            ": a key of HS256 is too short: 48 bits");
}

TEST(KeySet, TakesPemKeysWhateverATokenCallsThem) {
  const Keys keys;
  keys.make_rsa("rsa");
  const auto verifier = Verifier::load({{keys.path("rsa.pem")}, {}, {}, {}, 0ms}).value();
  EXPECT_TRUE(accepts(verifier, signed_by(keys, "rsa.key", "whatever")));
}

TEST(KeySet, SaysWhatIsWrongWithAFile) {
  const Keys keys;
  keys.make_rsa("rsa");
  keys.make_rsa("weak", 1024);
  keys.make_ec("p384", "P-384");
  const auto key_fault = [&](const std::string& name) {
    return fault({{keys.path(name)}, {}, {}, {}, 0ms});
  };
  const auto secret_fault = [&](const std::string& name) {
    return fault({{}, keys.path(name), {}, {}, 0ms});
  };
  EXPECT_EQ(fault({}), "no key is given that tokens could be signed with");
  EXPECT_EQ(key_fault("missing"),
            keys.path("missing") + ": can't be read: No such file or directory");
  EXPECT_EQ(key_fault("rsa.key"),
            keys.path("rsa.key") +
                ": holds a private key, which is not needed here: give the public one");
  EXPECT_EQ(key_fault("weak.pem"),
            keys.path("weak.pem") + ": an RSA key has 2048 bits at least, this one 1024");
  EXPECT_EQ(key_fault("p384.pem"),
            keys.path("p384.pem") + ": an elliptic curve key must be on P-256 (ES256)");
  EXPECT_EQ(secret_fault("rsa.pem"),
            keys.path("rsa.pem") + ": is a PEM file, not a secret; public keys are no secrets");
  keys.write("short", "secret\n");
  EXPECT_EQ(secret_fault("short"),
            keys.path("short") + ": a secret of HS256 has 32 bytes at least, this one 6");
  keys.write("cut.pem", "-----BEGIN PUBLIC KEY-----\nMIIB\n");
  EXPECT_EQ(key_fault("cut.pem"),
            keys.path("cut.pem") + ": holds no public key or certificate that can be read");
  keys.write("empty.json", R"({"keys":[]})");
  EXPECT_EQ(key_fault("empty.json"),
            keys.path("empty.json") + ": has no key for HS256, RS256 or ES256 signatures");
  keys.write("short.json", R"({"kty":"oct","k":"c2VjcmV0"})");
  EXPECT_EQ(key_fault("short.json"),
            keys.path("short.json") + ": a key of HS256 is too short: 48 bits");
  keys.write("odd.json", R"({"kty":"RSA","n":"","e":"AQAB"})");
  EXPECT_NE(key_fault("odd.json"), "");
  keys.write("text", "hello");
  EXPECT_NE(key_fault("text").find("is neither PEM nor a JWK or JWKS"), std::string::npos);
}

TEST(KeySet, TriesAFewKeysOnly) {
  const Keys keys;
  std::string set;
  for (std::size_t i = 0; i <= KeySet::kMostKeys; ++i) {
    set += std::string(set.empty() ? "" : ",") + R"({"kty":"oct","k":")" +
           base64url("0123456789abcdef0123456789abcdef") + R"("})";
  }
  keys.write("many.json", R"({"keys":[)" + set + "]}");
  EXPECT_EQ(fault({{keys.path("many.json")}, {}, {}, {}, 0ms}),
            keys.path("many.json") + ": there are more than 32 keys in all");
}

}  // namespace
}  // namespace ticker::auth
