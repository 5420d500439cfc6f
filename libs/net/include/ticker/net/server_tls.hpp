#pragma once

#include <memory>
#include <string>

#include <ticker/net/error.hpp>

namespace ticker::net {

// What a server shows and speaks where its connections are encrypted: a certificate, its key,
// TLS 1.2 or later, ALPN http/1.1. Immutable; any thread. Connections that were made with it keep
// it alive.
class ServerTls {
 public:
  struct Options {
    std::string certificate;  // PEM file: the server's own, then those that lead to its authority
    std::string key;          // PEM file, without a password
    bool only_1_3 = false;
  };

  // Blocking. Null: see `error`, which names the file.
  static std::shared_ptr<const ServerTls> load(const Options& options, Error& error);
  ~ServerTls();

 private:
  friend class Tls;
  struct Context;
  explicit ServerTls(std::unique_ptr<Context> context);
  const std::unique_ptr<Context> context_;
};

}  // namespace ticker::net
