// What a look at a token costs that is shown for the first time, and at one that was good before: the
// thread's time, per algorithm. Built by name only.
//   auth_verify [TOKENS]
#include <time.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "keys.hpp"

namespace {

using namespace ticker::auth;  // NOLINT: a program

constexpr ticker::Timestamp kNow = ticker::from_us(1'723'161'255'000'000);

// Of this thread: what else runs on the machine takes none of it.
double cpu_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Claims as a login service would write them.
Signer::Token token() {
  Signer::Token token;
  token.claims.subject = "alice@example.com";
  token.claims.expires_at = kNow + std::chrono::hours(1);
  token.claims.symbols = {{"kraken:*", "binance:BTC-*"}};
  token.claims.connections = 5;
  token.issuer = "https://login.example.com/";
  token.issued_at = kNow;
  return token;
}

double us_a_token(const Verifier& verifier, const std::vector<std::string>& tokens) {
  const double begun = cpu_us();
  for (const std::string& token : tokens) {
    if (!std::holds_alternative<Claims>(verifier.verify(token, kNow))) {
      std::abort();
    }
  }
  return (cpu_us() - begun) / static_cast<double>(tokens.size());
}

int run(int tokens) {
  const Keys keys;
  keys.make_rsa("rsa");
  keys.make_ec("ec");
  const auto verifier = Verifier::load(
      {{keys.path("rsa.pem"), keys.path("ec.pem")}, keys.path("secret"), {}, {}, {}});
  const std::pair<const char*, ticker::Result<Signer>> signers[] = {
      {"HS256", Signer::from_secret(keys.path("secret"))},
      {"RS256", Signer::from_private_key(keys.path("rsa.key"))},
      {"ES256", Signer::from_private_key(keys.path("ec.key"))}};
  for (const auto& [name, signer] : signers) {
    std::vector<std::string> texts;
    for (int i = 0; i < tokens; ++i) {
      Signer::Token made = token();
      made.claims.subject = "number " + std::to_string(i);
      texts.push_back(signer.value().sign(made).value());
    }
    const double first = us_a_token(*verifier.value(), texts);
    const std::vector<std::string> same(texts.size(), texts.front());
    std::printf("%s: %.1f us, again %.1f us\n", name, first, us_a_token(*verifier.value(), same));
  }
  return 0;
}

}  // namespace

int main(int count, char** texts) { return run(count > 1 ? std::atoi(texts[1]) : 5'000); }
