#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <ticker/base/result.hpp>

#include "owned.hpp"

namespace ticker::auth {

// The three algorithms that there are, by what a key is: an RSA key is never used for another one
// than RS256.
enum class Algorithm { kHs256, kRs256, kEs256 };
const char* algorithm_name(Algorithm algorithm);
std::optional<Algorithm> algorithm_from_name(std::string_view name);

struct Key {
  Jwk jwk;
  Algorithm algorithm = Algorithm::kRs256;
  std::string id;  // `kid`; empty: none
};

Result<Key> secret_key(std::string_view secret);
// The first key of a PEM text: a public key or certificate, or, if `is_private`, a private key
// without a password.
Result<Key> pem_key(const std::string& pem, bool is_private);
// A JWK; nullopt: a key of a kind, or for a use, that is not ours.
Result<std::optional<Key>> json_key(json_t* json);
// Whether a JWK of ours can sign; json_key() refuses it.
bool is_private(json_t* json);

}  // namespace ticker::auth
