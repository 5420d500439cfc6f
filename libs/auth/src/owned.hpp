#pragma once

#include <cstdlib>
#include <memory>

#include <cjose/cjose.h>
#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace ticker::auth {

// What C libraries hand out, each given back in its own way.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
inline void drop_json(json_t* json) { json_decref(json); }

using Json = std::unique_ptr<json_t, Freed<drop_json>>;
using Jwk = std::unique_ptr<cjose_jwk_t, Freed<cjose_jwk_release>>;
using Jws = std::unique_ptr<cjose_jws_t, Freed<cjose_jws_release>>;
using Bytes = std::unique_ptr<std::uint8_t, Freed<std::free>>;
using Chars = std::unique_ptr<char, Freed<std::free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;

}  // namespace ticker::auth
