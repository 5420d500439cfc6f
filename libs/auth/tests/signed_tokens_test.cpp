#include "signed_tokens.hpp"

#include <string>

#include <gtest/gtest.h>

namespace ticker::auth {
namespace {

SignedTokens::Digest of(const std::string& token) { return SignedTokens::digest(token).value(); }

TEST(SignedTokens, AreKnownByAllOfTheirText) {
  SignedTokens tokens;
  EXPECT_FALSE(tokens.has(of("a.b.c")));
  tokens.add(of("a.b.c"));
  EXPECT_TRUE(tokens.has(of("a.b.c")));
  for (const char* other : {"a.b.d", "A.b.c", "a.b.", "a.b.cc", ""}) {
    EXPECT_FALSE(tokens.has(of(other))) << other;
  }
}

TEST(SignedTokens, AreSoManyAndNoMore) {
  SignedTokens tokens;
  constexpr std::size_t kShown = 4 * SignedTokens::kMost;
  for (std::size_t i = 0; i < kShown; ++i) {
    tokens.add(of(std::to_string(i)));
    EXPECT_TRUE(tokens.has(of(std::to_string(i))));
  }
  std::size_t known = 0;
  for (std::size_t i = 0; i < kShown; ++i) {
    known += tokens.has(of(std::to_string(i))) ? 1U : 0U;
  }
  EXPECT_LE(known, SignedTokens::kMost);
  EXPECT_GT(known, SignedTokens::kMost / 2);
}

}  // namespace
}  // namespace ticker::auth
