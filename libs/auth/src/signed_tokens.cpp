#include "signed_tokens.hpp"

#include <openssl/evp.h>

namespace ticker::auth {

std::optional<SignedTokens::Digest> SignedTokens::digest(std::string_view token) {
  Digest digest{};
  if (EVP_Digest(token.data(), token.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    return std::nullopt;
  }
  return digest;
}

bool SignedTokens::has(const Digest& digest) const {
  const std::lock_guard lock(mutex_);
  return digests_[place(digest)] == digest;
}

void SignedTokens::add(const Digest& digest) {
  const std::lock_guard lock(mutex_);
  digests_[place(digest)] = digest;
}

}  // namespace ticker::auth
