#pragma once

#include <cstddef>
#include <cstdint>

namespace ticker::ingest {

// A line between a client and a server on loopback, as slow as the test wants it: it takes the
// place of the server's port, and carries bytes when pump() says so. One connection.
class SlowLine {
 public:
  explicit SlowLine(std::uint16_t server);
  ~SlowLine();
  SlowLine(const SlowLine&) = delete;
  SlowLine& operator=(const SlowLine&) = delete;

  std::uint16_t port() const { return port_; }
  // Carries what the client sent, and at most `bytes` of what the server sent.
  void pump(std::size_t bytes);
  // To the client.
  std::size_t carried() const { return carried_; }

 private:
  void accept_client();

  const std::uint16_t server_port_;
  int listener_ = -1;
  int client_ = -1;
  int server_ = -1;
  std::uint16_t port_ = 0;
  std::size_t carried_ = 0;
};

}  // namespace ticker::ingest
