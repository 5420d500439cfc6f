#include <ticker/auth/verifier.hpp>

#include <algorithm>
#include <utility>

#include "claims.hpp"
#include "key_set.hpp"
#include "signed_tokens.hpp"

namespace ticker::auth {
namespace {

// A JWT's header: as much as decides what to do with it.
struct Header {
  std::string algorithm;
  std::string key_id;
};

Refused malformed(const char* why) {
  return {Refusal::kMalformed, std::string("this is no token: ") + why};
}

// Read by us first, so that cjose can't see another header than the one that the key was chosen by.
std::variant<Header, Refused> read_header(std::string_view token) {
  std::uint8_t* decoded = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  const std::string_view part = token.substr(0, token.find('.'));
  if (part.empty() || !cjose_base64url_decode(part.data(), part.size(), &decoded, &size, &error)) {
    return malformed("its header is not base64url");
  }
  const Bytes bytes(decoded);
  json_error_t fault;
  const Json json(
      json_loadb(reinterpret_cast<const char*>(decoded), size, JSON_REJECT_DUPLICATES, &fault));
  const char* algorithm = json_string_value(json_object_get(json.get(), "alg"));
  if (algorithm == nullptr) {
    return malformed("its header is no JSON object with alg");
  }
  if (json_object_get(json.get(), "crit") != nullptr) {
    return Refused{Refusal::kAlgorithm,
                   "the token's header demands extensions (crit), of which none is known here"};
  }
  const char* id = json_string_value(json_object_get(json.get(), "kid"));
  return Header{algorithm, id == nullptr ? "" : id};
}

bool has_signed(const Key* key, cjose_jws_t* jws) {
  cjose_err error{};
  return cjose_jws_verify(jws, key->jwk.get(), &error);
}

// Requires: its signature was found right.
std::optional<std::string> payload_of(cjose_jws_t* jws) {
  cjose_err error{};
  std::uint8_t* payload = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws, &payload, &size, &error)) {
    return std::nullopt;
  }
  return std::string(reinterpret_cast<const char*>(payload), size);
}

bool is_compact(std::string_view token) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return std::all_of(token.begin(), token.end(), allowed) &&
         std::count(token.begin(), token.end(), '.') == 2;
}

}  // namespace

Result<std::shared_ptr<const Verifier>> Verifier::load(Options options) {
  auto keys = std::make_unique<KeySet>();
  if (!options.secret_file.empty()) {
    if (auto status = keys->add_secret_file(options.secret_file); !status.ok()) {
      return status.error();
    }
  }
  for (const std::string& file : options.key_files) {
    if (auto status = keys->add_key_file(file); !status.ok()) {
      return status.error();
    }
  }
  if (keys->empty()) {
    return Error{"no key is given that tokens could be signed with"};
  }
  return std::shared_ptr<const Verifier>(new Verifier(std::move(options), std::move(keys)));
}

Verifier::Verifier(Options options, std::unique_ptr<KeySet> keys)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      signed_(std::make_unique<SignedTokens>()) {}
Verifier::~Verifier() = default;

std::variant<Claims, Refused> Verifier::verify(std::string_view token, Timestamp now) const {
  if (token.size() > kMaxTokenBytes) {
    return malformed("it is longer than 7680 bytes");
  }
  if (!is_compact(token)) {
    return malformed("it is not three parts of base64url with dots between them");
  }
  const auto header = read_header(token);
  if (const auto* refused = std::get_if<Refused>(&header)) {
    return *refused;
  }
  const auto& [name, id] = std::get<Header>(header);
  const auto algorithm = algorithm_from_name(name);
  if (!algorithm) {
    return Refused{Refusal::kAlgorithm,
                   "the token's algorithm is not accepted: HS256, RS256 and ES256 are"};
  }
  const auto candidates = keys_->candidates(*algorithm, id);
  if (candidates.empty()) {
    return Refused{Refusal::kKey, "the token is signed with a key that is not known here"};
  }
  cjose_err error{};
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  if (jws == nullptr) {
    return malformed("a part of it can't be read");
  }
  // To remember a token costs as much as to check its HMAC.
  const auto digest =
      *algorithm == Algorithm::kHs256 ? std::nullopt : SignedTokens::digest(token);
  const bool known = digest && signed_->has(*digest);
  if (!known && std::none_of(candidates.begin(), candidates.end(),
                             [&jws](const Key* key) { return has_signed(key, jws.get()); })) {
    return Refused{Refusal::kSignature, "the token's signature is wrong"};
  }
  if (digest && !known) {
    signed_->add(*digest);
  }
  const auto payload = payload_of(jws.get());
  return payload ? read_claims(*payload, options_, now) : malformed("its claims can't be read");
}

}  // namespace ticker::auth
