#include "tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

#include "tls_context.hpp"

namespace ticker::net {
namespace {

TlsContext make_context(const std::string& ca_file, Error& error) {
  TlsContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  const int loaded = ca_file.empty()
                         ? SSL_CTX_set_default_verify_paths(context.get())
                         : SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr);
  if (loaded != 1) {
    error.message = "cannot read the authorities in \"" + ca_file + "\": " + last_openssl_error();
    return nullptr;
  }
  return context;
}

// Short frames need not ask for memory anew.
constexpr std::size_t kKept = 1024;

// What an OpenSSL session reads from and writes to. OpenSSL's own memory BIO keeps for good what it
// once needed; this one gives it back.
struct Wire {
  std::string in;
  std::size_t taken = 0;  // of `in`
  std::string out;
};

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int write_wire(BIO* bio, const char* data, int size) {
  wire_of(bio).out.append(data, static_cast<std::size_t>(size));
  return size;
}

int read_wire(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  const std::size_t bytes = std::min(wire.in.size() - wire.taken, static_cast<std::size_t>(size));
  if (bytes == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(data, wire.in.data() + wire.taken, bytes);
  wire.taken += bytes;
  if (wire.taken == wire.in.size()) {
    wire.taken = 0;
    std::string().swap(wire.in);
  }
  return static_cast<int>(bytes);
}

long control_wire(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* make_bio(Wire& wire) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
    BIO_meth_set_write(made, write_wire);
    BIO_meth_set_read(made, read_wire);
    BIO_meth_set_ctrl(made, control_wire);
    return made;
  }();
  BIO* const bio = BIO_new(method);
  BIO_set_data(bio, &wire);
  BIO_set_init(bio, 1);
  return bio;
}

bool expect_host(SSL* session, const std::string& host, bool host_is_address) {
  if (host_is_address) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

}  // namespace

std::string last_openssl_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "unknown error" : text;
}

struct Tls::State {
  Wire wire;
  std::unique_ptr<SSL, Freed<SSL_free>> session;
  std::string failure;
};

std::unique_ptr<Tls> Tls::client(const std::string& host, bool host_is_address,
                                 const std::string& ca_file, Error& error) {
  const TlsContext context = make_context(ca_file, error);
  if (!context) {
    return nullptr;
  }
  std::unique_ptr<Tls> tls = around(context.get());
  State& state = *tls->state_;
  SSL_set_connect_state(state.session.get());
  if (!expect_host(state.session.get(), host, host_is_address)) {
    error.message = "\"" + host + "\" cannot be verified as a host name";
    return nullptr;
  }
  return tls;
}

std::unique_ptr<Tls> Tls::server(const ServerTls& with) {
  std::unique_ptr<Tls> tls = around(with.context_->made.get());
  SSL_set_accept_state(tls->state_->session.get());
  return tls;
}

std::unique_ptr<Tls> Tls::around(void* context) {
  std::unique_ptr<Tls> tls(new Tls);
  tls->state_ = std::make_unique<State>();
  State& state = *tls->state_;
  state.session.reset(SSL_new(static_cast<SSL_CTX*>(context)));
  BIO* const bio = make_bio(state.wire);
  SSL_set_bio(state.session.get(), bio, bio);
  return tls;
}

Tls::~Tls() = default;

Tls::Handshake Tls::handshake() {
  ERR_clear_error();
  SSL* session = state_->session.get();
  const int result = SSL_do_handshake(session);
  const int reason = SSL_get_error(session, result);
  if (result == 1) {
    return Handshake::kDone;
  }
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
    return Handshake::kGoesOn;
  }
  const long verified = SSL_get_verify_result(session);
  state_->failure = verified == X509_V_OK ? "TLS handshake failed: " + last_openssl_error()
                                          : std::string("certificate refused: ") +
                                                X509_verify_cert_error_string(verified);
  ERR_clear_error();
  return Handshake::kFailed;
}

std::string Tls::failure() const { return state_->failure; }

std::size_t Tls::encrypt(const iovec* slices, std::size_t count) {
  ERR_clear_error();
  std::size_t taken = 0;
  for (std::size_t i = 0; i < count && taken < kMostAtOnce; ++i) {
    const std::size_t size = std::min(slices[i].iov_len, kMostAtOnce - taken);
    std::size_t written = 0;
    if (size > 0 && SSL_write_ex(state_->session.get(), slices[i].iov_base, size, &written) != 1) {
      break;
    }
    taken += written;
  }
  return taken;
}

Tls::Decrypted Tls::decrypt(char* data, std::size_t size) {
  ERR_clear_error();
  SSL* session = state_->session.get();
  Decrypted got;
  const int result = SSL_read_ex(session, data, size, &got.bytes);
  const int reason = SSL_get_error(session, result);
  if (result != 1) {
    got.bytes = 0;
    got.ended = reason == SSL_ERROR_ZERO_RETURN;
    got.failed = !got.ended && reason != SSL_ERROR_WANT_READ;
    if (got.failed) {
      state_->failure = "TLS: " + last_openssl_error();
    }
  }
  return got;
}

void Tls::feed(const char* data, std::size_t size) { state_->wire.in.append(data, size); }

bool Tls::has_input() const {
  // Of a record that is not whole OpenSSL has taken everything.
  return SSL_pending(state_->session.get()) > 0 || !state_->wire.in.empty();
}

void Tls::say_goodbye() {
  ERR_clear_error();
  SSL_shutdown(state_->session.get());
}

std::string& Tls::outgoing() { return state_->wire.out; }

void Tls::release() {
  std::string& out = state_->wire.out;
  if (out.empty() && out.capacity() > kKept) {
    std::string().swap(out);
  }
}

}  // namespace ticker::net
