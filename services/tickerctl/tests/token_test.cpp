#include "token.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <ticker/auth/verifier.hpp>

namespace ticker::tickerctl {
namespace {

using namespace std::chrono_literals;

struct Text {
  char* data = nullptr;
  std::size_t size = 0;
  FILE* file = open_memstream(&data, &size);
  ~Text() {
    std::fclose(file);
    std::free(data);
  }
  std::string str() {
    std::fflush(file);
    return {data, size};
  }
};

class Token : public testing::Test {
 protected:
  Token() { std::ofstream(secret_) << "0123456789abcdef0123456789abcdef\n"; }
  ~Token() override { std::filesystem::remove(secret_); }
  const std::string secret_ = testing::TempDir() + "tickerctl-token-secret-" +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Token, IsOneThatTheServiceAccepts) {
  Text out;
  Text complaints;
  auth::Signer::Token token;
  token.claims.subject = "alice";
  token.claims.symbols = {{"kraken:*"}};

  EXPECT_EQ(mint({{}, secret_}, token, 1h, out.file, complaints.file), 0);

  std::string line = out.str();
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  const auto verifier = auth::Verifier::load({{}, secret_, {}, {}, 0ms}).value();
  const auto result = verifier->verify(line, wall_now());
  ASSERT_TRUE(std::holds_alternative<auth::Claims>(result)) << std::get<auth::Refused>(result).message;
  EXPECT_EQ(std::get<auth::Claims>(result).subject, "alice");
  EXPECT_EQ(std::get<auth::Claims>(result).symbols, token.claims.symbols);
}

TEST_F(Token, NamesTheKeyThatCantBeUsed) {
  Text out;
  Text complaints;
  EXPECT_EQ(mint({secret_, {}}, {}, 1h, out.file, complaints.file), 2);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(complaints.str(), "tickerctl: " + secret_ + ": holds no private key that can be read without a password\n");
}

}  // namespace
}  // namespace ticker::tickerctl
