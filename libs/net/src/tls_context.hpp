#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include <ticker/net/server_tls.hpp>

namespace ticker::net {

// What OpenSSL hands out, each given back in its own way.
template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using TlsContext = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;

struct ServerTls::Context {
  TlsContext made;
};

// Takes the first error of this thread's list and empties it.
std::string last_openssl_error();

}  // namespace ticker::net
