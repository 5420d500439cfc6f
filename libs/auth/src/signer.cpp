#include <ticker/auth/signer.hpp>

#include <utility>
#include <vector>

#include <ticker/auth/verifier.hpp>

#include "files.hpp"
#include "jwk.hpp"

namespace ticker::auth {
namespace {

Json text(const std::string& value) { return Json(json_stringn(value.data(), value.size())); }

Json list(const std::vector<std::string>& values) {
  Json array(json_array());
  for (const std::string& value : values) {
    json_array_append_new(array.get(), text(value).release());
  }
  return array;
}

Json seconds(Timestamp time) {
  return Json(
      json_integer(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()));
}

Json claims_of(const Signer::Token& token) {
  const Claims& claims = token.claims;
  Json json(json_object());
  const auto set = [&json](const char* name, Json value) {
    json_object_set_new(json.get(), name, value.release());
  };
  const auto set_text = [&set](const char* name, const std::string& value) {
    if (!value.empty()) {
      set(name, text(value));
    }
  };
  set_text("iss", token.issuer);
  set_text("aud", token.audience);
  set_text("sub", claims.subject);
  set("exp", seconds(claims.expires_at));
  if (token.issued_at) {
    set("iat", seconds(*token.issued_at));
  }
  if (token.not_before) {
    set("nbf", seconds(*token.not_before));
  }
  if (claims.symbols) {
    set("symbols", list(*claims.symbols));
  }
  if (claims.fields) {
    set("fields", list(*claims.fields));
  }
  if (claims.min_interval.count() > 0) {
    set("min_interval_ms", Json(json_integer(claims.min_interval.count())));
  }
  if (claims.connections > 0) {
    set("connections", Json(json_integer(claims.connections)));
  }
  return json;
}

}  // namespace

struct Signer::Key : auth::Key {};

Signer::Signer(std::unique_ptr<Key> key) : key_(std::move(key)) {}
Signer::Signer(Signer&&) noexcept = default;
Signer::~Signer() = default;

Result<Signer> Signer::from_private_key(const std::string& file) {
  const auto pem = read_file(file);
  if (!pem.ok()) {
    return pem.error();
  }
  auto key = pem_key(pem.value(), true);
  if (!key.ok()) {
    return Error{file + ": " + key.error().message};
  }
  return Signer(std::make_unique<Key>(Key{std::move(key).value()}));
}

Result<Signer> Signer::from_secret(const std::string& file) {
  const auto secret = read_secret(file);
  if (!secret.ok()) {
    return secret.error();
  }
  auto key = secret_key(secret.value());
  if (!key.ok()) {
    return Error{file + ": " + key.error().message};
  }
  return Signer(std::make_unique<Key>(Key{std::move(key).value()}));
}

Result<std::string> Signer::sign(const Token& token) const {
  cjose_err error{};
  const Json header(cjose_header_new(&error));
  cjose_header_set(header.get(), CJOSE_HDR_ALG, algorithm_name(key_->algorithm), &error);
  cjose_header_set(header.get(), "typ", "JWT", &error);
  if (!token.key_id.empty()) {
    cjose_header_set(header.get(), CJOSE_HDR_KID, token.key_id.c_str(), &error);
  }
  const Chars payload(json_dumps(claims_of(token).get(), JSON_COMPACT));
  const std::string_view claims(payload.get());
  const Jws jws(cjose_jws_sign(key_->jwk.get(), header.get(),
                               reinterpret_cast<const std::uint8_t*>(claims.data()), claims.size(),
                               &error));
  const char* signed_token = nullptr;
  if (jws == nullptr || !cjose_jws_export(jws.get(), &signed_token, &error)) {
    return Error{std::string("the token can't be signed: ") + error.message};
  }
  std::string text(signed_token);
  if (text.size() > Verifier::kMaxTokenBytes) {
    return Error{"the token would have " + std::to_string(text.size()) + " bytes, and be refused: " +
                 std::to_string(Verifier::kMaxTokenBytes) + " at most"};
  }
  return text;
}

}  // namespace ticker::auth
