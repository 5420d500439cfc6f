#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <cjose/cjose.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <ticker/auth/signer.hpp>
#include <ticker/auth/verifier.hpp>

namespace ticker::auth {

// A folder of keys as operators have them, made anew for each test, gone with it.
class Keys {
 public:
  Keys() : folder_(std::filesystem::temp_directory_path() / ("ticker-keys-XXXXXX")) {
    std::string name = folder_.string();
    folder_ = mkdtemp(name.data());
    write("secret", "0123456789abcdef0123456789abcdef\n");
    write("other-secret", "fedcba9876543210fedcba9876543210\n");
  }
  ~Keys() { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string write(const std::string& name, std::string_view text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream in(path(name));
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // `name`.pem, the public key, and `name`.key, the private one.
  void make_rsa(const std::string& name, unsigned bits = 2048) const {
    keep(name, EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}));
  }
  void make_ec(const std::string& name, const char* curve = "P-256") const {
    keep(name, EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  }

 private:
  void keep(const std::string& name, EVP_PKEY* key) const {
    FILE* file = std::fopen(path(name + ".pem").c_str(), "w");
    PEM_write_PUBKEY(file, key);
    std::fclose(file);
    file = std::fopen(path(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    EVP_PKEY_free(key);
  }

  std::filesystem::path folder_;
};

inline std::string base64url(std::string_view bytes) {
  char* text = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  cjose_base64url_encode(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &text,
                         &size, &error);
  std::string encoded(text, size);
  std::free(text);
  return encoded;
}

// A token as no honest signer makes it: any header, signed by HMAC-SHA256 with any bytes.
inline std::string craft(std::string_view header, std::string_view payload,
                         std::string_view secret) {
  std::string token = base64url(header) + "." + base64url(payload);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(token.data()), token.size(), mac, &size);
  return token + "." + base64url({reinterpret_cast<const char*>(mac), size});
}

}  // namespace ticker::auth
