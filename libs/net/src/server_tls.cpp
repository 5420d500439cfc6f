#include <ticker/net/server_tls.hpp>

#include <openssl/err.h>

#include <utility>

#include "tls_context.hpp"

namespace ticker::net {
namespace {

// Of TLS 1.2 what keeps old traffic secret when a key leaks; TLS 1.3 has nothing else.
constexpr const char* kCiphers1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

// Instead of asking at the terminal.
int no_password(char*, int, int, void*) { return -1; }

// Of what the peer offers only HTTP/1.1 is spoken here; one that offers nothing is not asked.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static const unsigned char kHttp[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found =
      SSL_select_next_proto(&chosen, out_size, kHttp, sizeof kHttp - 1, offered, offered_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

std::shared_ptr<const ServerTls> ServerTls::load(const Options& options, Error& error) {
  ERR_clear_error();
  TlsContext made(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* const context = made.get();
  SSL_CTX_set_min_proto_version(context, options.only_1_3 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, kCiphers1_2);
  // A renegotiation makes the server work as hard as a connection does, as often as the peer likes.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Peers that come back bring their own tickets: nothing is kept for them, and any shard takes
  // them.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_password);
  if (SSL_CTX_use_certificate_chain_file(context, options.certificate.c_str()) != 1) {
    error.message = options.certificate + ": no certificate can be read: " + last_openssl_error();
    return nullptr;
  }
  if (SSL_CTX_use_PrivateKey_file(context, options.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    error.message = options.key + ": no key of the certificate " + options.certificate +
                    " can be read: " + last_openssl_error();
    return nullptr;
  }
  auto owned = std::make_unique<Context>();
  owned->made = std::move(made);
  return std::shared_ptr<const ServerTls>(new ServerTls(std::move(owned)));
}

ServerTls::ServerTls(std::unique_ptr<Context> context) : context_(std::move(context)) {}
ServerTls::~ServerTls() = default;

}  // namespace ticker::net
