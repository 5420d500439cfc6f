#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include <ticker/auth/signer.hpp>

namespace CLI {
class App;
}

namespace ticker::tickerctl {

// What a token is signed with; one of them.
struct TokenKey {
  std::string private_key;  // PEM file
  std::string secret;       // file
};

// Prints a token for development and tests, which lives for so long from now on (or, below 0, has
// been over for so long). Returns the exit code: 0, 2 the key can't be used.
int mint(const TokenKey& key, auth::Signer::Token token, std::chrono::seconds lives, std::FILE* out,
         std::FILE* complaints);

void add_token(CLI::App& app, int& exit_code);

}  // namespace ticker::tickerctl
