#include "token.hpp"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <ticker/base/clock.hpp>

#include "complain.hpp"

namespace ticker::tickerctl {
namespace {

struct Options {
  TokenKey key;
  auth::Signer::Token token;
  std::vector<std::string> symbols;
  std::vector<std::string> fields;
  std::int64_t lives_s = 3'600;
  std::int64_t min_interval_ms = 0;
};

}  // namespace

int mint(const TokenKey& key, auth::Signer::Token token, std::chrono::seconds lives, std::FILE* out,
         std::FILE* complaints) {
  const auto signer = key.secret.empty() ? auth::Signer::from_private_key(key.private_key)
                                         : auth::Signer::from_secret(key.secret);
  if (!signer.ok()) {
    return complain(complaints, signer.error().message);
  }
  token.issued_at = wall_now();
  token.claims.expires_at = *token.issued_at + lives;
  const auto text = signer.value().sign(token);
  if (!text.ok()) {
    return complain(complaints, text.error().message);
  }
  std::fprintf(out, "%s\n", text.value().c_str());
  return 0;
}

void add_token(CLI::App& app, int& exit_code) {
  auto* command = app.add_subcommand("token", "Makes a token, for development and tests");
  const auto options = std::make_shared<Options>();
  auto& claims = options->token.claims;
  auto* keys = command->add_option_group("key", "What it is signed with")->require_option(1);
  keys->add_option("--key", options->key.private_key,
                   "RSA or P-256 private key (PEM): RS256, ES256")
      ->type_name("FILE");
  keys->add_option("--secret", options->key.secret, "Secret of HS256, 32 bytes at least")
      ->type_name("FILE");
  command->add_option("--sub", claims.subject, "Whose it is");
  command
      ->add_option("--expires-in", options->lives_s,
                   "Seconds that it lives; below 0: it is over already")
      ->capture_default_str();
  command
      ->add_option("--symbols", options->symbols,
                   "Names and patterns that it may see, with commas between them; default all")
      ->delimiter(',');
  command
      ->add_option("--fields", options->fields,
                   "Fields that it may see, with commas between them; default all")
      ->delimiter(',');
  command->add_option("--min-interval-ms", options->min_interval_ms,
                      "Least time between two deltas of a lane");
  command->add_option("--connections", claims.connections, "At a time, of all with this --sub");
  command->add_option("--issuer", options->token.issuer, "iss");
  command->add_option("--audience", options->token.audience, "aud");
  command->add_option("--kid", options->token.key_id, "Name of the key");
  command->callback([options, &exit_code] {
    auto token = options->token;
    if (!options->symbols.empty()) {
      token.claims.symbols = options->symbols;
    }
    if (!options->fields.empty()) {
      token.claims.fields = options->fields;
    }
    token.claims.min_interval = std::chrono::milliseconds(options->min_interval_ms);
    exit_code = mint(options->key, std::move(token), std::chrono::seconds(options->lives_s), stdout,
                     stderr);
  });
}

}  // namespace ticker::tickerctl
