#include "jwk.hpp"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace ticker::auth {
namespace {

constexpr int kLeastRsaBits = 2048;
constexpr std::size_t kP256Bytes = 32;

using Octets = std::vector<std::uint8_t>;

// A number of a key, big-endian; empty: it has none of that name. `size`: with leading zeros; 0:
// without.
Octets number_of(const EVP_PKEY* key, const char* name, std::size_t size = 0) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) {
    return {};
  }
  const Number number(raw);
  Octets octets(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number.get())) : size);
  if (BN_bn2binpad(number.get(), octets.data(), static_cast<int>(octets.size())) < 0) {
    return {};
  }
  return octets;
}

Result<Key> made(cjose_jwk_t* jwk, Algorithm algorithm, const cjose_err& error) {
  if (jwk == nullptr) {
    return Error{std::string("the key is no good: ") + error.message};
  }
  return Key{Jwk(jwk), algorithm, {}};
}

Result<Key> rsa_key(const EVP_PKEY* pkey, bool is_private) {
  if (EVP_PKEY_get_bits(pkey) < kLeastRsaBits) {
    return Error{"an RSA key has 2048 bits at least, this one " +
                 std::to_string(EVP_PKEY_get_bits(pkey))};
  }
  std::array<Octets, 8> numbers;
  const std::array<const char*, 8> names = {
      OSSL_PKEY_PARAM_RSA_E,         OSSL_PKEY_PARAM_RSA_N,           OSSL_PKEY_PARAM_RSA_D,
      OSSL_PKEY_PARAM_RSA_FACTOR1,   OSSL_PKEY_PARAM_RSA_FACTOR2,     OSSL_PKEY_PARAM_RSA_EXPONENT1,
      OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1};
  for (std::size_t i = 0; i < (is_private ? names.size() : 2); ++i) {
    numbers[i] = number_of(pkey, names[i]);
  }
  auto& [e, n, d, p, q, dp, dq, qi] = numbers;
  cjose_jwk_rsa_keyspec spec{};
  const auto set = [](std::uint8_t*& data, std::size_t& size, Octets& from) {
    data = from.empty() ? nullptr : from.data();
    size = from.size();
  };
  set(spec.e, spec.elen, e);
  set(spec.n, spec.nlen, n);
  set(spec.d, spec.dlen, d);
  set(spec.p, spec.plen, p);
  set(spec.q, spec.qlen, q);
  set(spec.dp, spec.dplen, dp);
  set(spec.dq, spec.dqlen, dq);
  set(spec.qi, spec.qilen, qi);
  cjose_err error{};
  return made(cjose_jwk_create_RSA_spec(&spec, &error), Algorithm::kRs256, error);
}

Result<Key> ec_key(const EVP_PKEY* pkey, bool is_private) {
  std::array<char, 64> curve{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(pkey, curve.data(), curve.size(), &size) != 1 ||
      std::string_view(curve.data(), size) != "prime256v1") {
    return Error{"an elliptic curve key must be on P-256 (ES256)"};
  }
  Octets x = number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, kP256Bytes);
  Octets y = number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, kP256Bytes);
  Octets d = is_private ? number_of(pkey, OSSL_PKEY_PARAM_PRIV_KEY, kP256Bytes) : Octets();
  cjose_jwk_ec_keyspec spec{};
  spec.crv = CJOSE_JWK_EC_P_256;
  spec.x = x.data();
  spec.xlen = x.size();
  spec.y = y.data();
  spec.ylen = y.size();
  spec.d = d.empty() ? nullptr : d.data();
  spec.dlen = d.size();
  cjose_err error{};
  return made(cjose_jwk_create_EC_spec(&spec, &error), Algorithm::kEs256, error);
}

// Instead of asking at the terminal.
int no_password(char*, int, int, void*) { return -1; }

Pkey read_public(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos) {
    return Pkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr));
  }
  const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr));
  return Pkey(certificate == nullptr ? nullptr : X509_get_pubkey(certificate.get()));
}

Pkey read_private(const std::string& pem) {
  Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
}

// The text of a member; empty: it has none.
std::string_view text_of(json_t* json, const char* name) {
  const char* text = json_string_value(json_object_get(json, name));
  return text == nullptr ? std::string_view() : text;
}

std::optional<Algorithm> algorithm_of(json_t* json) {
  const std::string_view type = text_of(json, "kty");
  if (type == "EC") {
    return text_of(json, "crv") == "P-256" ? std::optional(Algorithm::kEs256) : std::nullopt;
  }
  if (type == "RSA") {
    return Algorithm::kRs256;
  }
  return type == "oct" ? std::optional(Algorithm::kHs256) : std::nullopt;
}

}  // namespace

const char* algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kHs256:
      return "HS256";
    case Algorithm::kRs256:
      return "RS256";
    case Algorithm::kEs256:
      return "ES256";
  }
  return "";
}

std::optional<Algorithm> algorithm_from_name(std::string_view name) {
  for (const Algorithm known : {Algorithm::kHs256, Algorithm::kRs256, Algorithm::kEs256}) {
    if (name == algorithm_name(known)) {
      return known;
    }
  }
  return std::nullopt;
}

Result<Key> secret_key(std::string_view secret) {
  cjose_err error{};
  return made(cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(secret.data()),
                                        secret.size(), &error),
              Algorithm::kHs256, error);
}

Result<Key> pem_key(const std::string& pem, bool is_private) {
  if (!is_private && pem.find("PRIVATE KEY-----") != std::string::npos) {
    return Error{"holds a private key, which is not needed here: give the public one"};
  }
  const Pkey pkey = is_private ? read_private(pem) : read_public(pem);
  ERR_clear_error();
  if (pkey == nullptr) {
    return Error{is_private ? "holds no private key that can be read without a password"
                            : "holds no public key or certificate that can be read"};
  }
  switch (EVP_PKEY_get_base_id(pkey.get())) {
    case EVP_PKEY_RSA:
      return rsa_key(pkey.get(), is_private);
    case EVP_PKEY_EC:
      return ec_key(pkey.get(), is_private);
    default:
      return Error{"is neither an RSA key (RS256) nor one on P-256 (ES256)"};
  }
}

Result<std::optional<Key>> json_key(json_t* json) {
  const auto algorithm = algorithm_of(json);
  const std::string_view use = text_of(json, "use");
  const std::string_view named = text_of(json, "alg");
  if (!algorithm || (!use.empty() && use != "sig") ||
      (!named.empty() && named != algorithm_name(*algorithm))) {
    return std::optional<Key>();
  }
  if (is_private(json)) {
    return Error{"holds a private key, which is not needed here: give the public one"};
  }
  cjose_err error{};
  auto key = made(cjose_jwk_import_json(json, &error), *algorithm, error);
  if (!key.ok()) {
    return key.error();
  }
  const std::size_t bits = cjose_jwk_get_keysize(key->jwk.get(), &error);
  if (*algorithm != Algorithm::kEs256 &&
      bits < (*algorithm == Algorithm::kHs256 ? 256U : kLeastRsaBits)) {
    return Error{std::string("a key of ") + algorithm_name(*algorithm) +
                 " is too short: " + std::to_string(bits) + " bits"};
  }
  key->id = text_of(json, "kid");
  return std::optional(std::move(key).value());
}

bool is_private(json_t* json) { return json_object_get(json, "d") != nullptr; }

}  // namespace ticker::auth
