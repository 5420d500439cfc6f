#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace ticker::auth {

// The latest tokens whose signature was found right, so that who shows one with each request costs a
// signature once. By digest: a token that differs in anything is another one. A fixed number of
// them; a newer one takes an older one's place. Any thread.
class SignedTokens {
 public:
  static constexpr std::size_t kMost = 1'024;
  using Digest = std::array<std::uint8_t, 32>;  // SHA-256

  // nullopt: it can't be had; then nothing is remembered.
  static std::optional<Digest> digest(std::string_view token);

  bool has(const Digest& digest) const;
  void add(const Digest& digest);

 private:
  static std::size_t place(const Digest& digest) {
    return (std::size_t{digest[0]} << 8 | digest[1]) % kMost;
  }

  mutable std::mutex mutex_;  // held for one look-up
  std::array<Digest, kMost> digests_{};
};

}  // namespace ticker::auth
