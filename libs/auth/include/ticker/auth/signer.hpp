#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ticker/auth/claims.hpp>
#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>

namespace ticker::auth {

// Makes tokens, for development and tests. Immutable; any thread.
class Signer {
 public:
  // An RSA or P-256 private key (PEM); the algorithm follows from it. Blocking.
  static Result<Signer> from_private_key(const std::string& file);
  // HS256, of what Verifier::Options::secret_file holds. Blocking.
  static Result<Signer> from_secret(const std::string& file);
  Signer(Signer&&) noexcept;
  ~Signer();

  struct Token {
    Claims claims;  // expires_at becomes `exp` as it is
    std::string issuer;
    std::string audience;
    std::string key_id;                  // `kid`; empty: none
    std::optional<Timestamp> issued_at;  // `iat`
    std::optional<Timestamp> not_before;
  };
  Result<std::string> sign(const Token& token) const;

 private:
  struct Key;
  explicit Signer(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

}  // namespace ticker::auth
