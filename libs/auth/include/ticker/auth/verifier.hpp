#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ticker/auth/claims.hpp>
#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>

namespace ticker::auth {

// Why a token is refused, in the order of kRefusalNames.
enum class Refusal : std::uint8_t {
  kMalformed,  // not a JWT
  kAlgorithm,  // none of ours, `none` among them
  kKey,        // no key of that algorithm and name
  kSignature,
  kExpired,
  kNotYet,  // `nbf` or `iat` is still to come
  kIssuer,
  kAudience,
  kClaims,  // a claim that we read is missing or makes no sense
};
inline constexpr std::array<std::string_view, 9> kRefusalNames = {
    "malformed", "algorithm", "key",      "signature", "expired",
    "not_yet",   "issuer",    "audience", "claims"};

struct Refused {
  Refusal reason = Refusal::kMalformed;
  std::string message;  // one line, for whoever showed the token
};

class KeySet;
class SignedTokens;

// Tells whether a token is good. Its keys never change; any thread.
class Verifier {
 public:
  // Longer tokens are refused unread. With this one, a request `auth` fits 8 KiB, which is what
  // strangers may send.
  static constexpr std::size_t kMaxTokenBytes = 7'680;

  struct Options {
    // Public keys: PEM (public key or certificate), JWK or JWKS, told apart by content.
    std::vector<std::string> key_files;
    // The secret of HS256, whole but for a line end; empty: none.
    std::string secret_file;
    // What `iss` must be; empty: anything.
    std::string issuer;
    // What `aud` must hold. Empty: a token that has `aud` is for somebody else.
    std::string audience;
    // By so much may the clock of whoever signs differ from ours.
    std::chrono::milliseconds skew{0};
  };

  // Reads the files; blocking. The error names the file and what is wrong with it.
  static Result<std::shared_ptr<const Verifier>> load(Options options);
  ~Verifier();

  // `now`: time of day.
  std::variant<Claims, Refused> verify(std::string_view token, Timestamp now) const;

 private:
  Verifier(Options options, std::unique_ptr<KeySet> keys);

  const Options options_;
  const std::unique_ptr<const KeySet> keys_;
  const std::unique_ptr<SignedTokens> signed_;  // by these keys
};

}  // namespace ticker::auth
