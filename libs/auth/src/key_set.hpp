#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/auth/verifier.hpp>

#include "jwk.hpp"

namespace ticker::auth {

// The keys that tokens may be signed with. Immutable once read; any thread.
class KeySet {
 public:
  // A token without `kid` is tried with every key of its algorithm.
  static constexpr std::size_t kMostKeys = 32;

  // An error names the file.
  Status add_secret_file(const std::string& file);
  // A bad key of a set is left out and logged; it is an error where it is private, or none is left.
  Status add_key_file(const std::string& file);

  // Those that a token with this header may be signed with: of its algorithm, and of its `kid` or,
  // where none is, without one.
  std::vector<const Key*> candidates(Algorithm algorithm, std::string_view id) const;
  bool empty() const { return keys_.empty(); }

 private:
  Status add(Result<Key> key, const std::string& file);
  Status add_json(const std::string& text, const std::string& file);
  Status add_jwks(const std::vector<json_t*>& found, const std::string& file);

  std::vector<Key> keys_;
};

}  // namespace ticker::auth
