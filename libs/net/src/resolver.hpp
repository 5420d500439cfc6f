#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ticker/net/event_loop.hpp>

namespace ticker::net {

struct Resolved {
  std::vector<sockaddr_storage> addresses;  // in the order to be tried
  std::string error;                        // why there are none
};

// Looks a host up without blocking the loop. Destruction forgets the question; it does not wait for
// the name service, which can take half a minute to give up.
class Resolver {
 public:
  Resolver(EventLoop& loop, const std::string& host, std::uint16_t port,
           std::function<void(Resolved)> done);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

 private:
  struct Question;
  std::shared_ptr<Question> question_;
};

socklen_t address_size(const sockaddr_storage& address);

}  // namespace ticker::net
