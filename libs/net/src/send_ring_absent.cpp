// Stands in for send_ring.cpp where there is no liburing.
#include <cstdlib>

#include "send_ring.hpp"

namespace ticker::net {

struct SendRing::Ring {};

std::unique_ptr<SendRing> SendRing::open(std::string& refusal) {
  refusal = "built without liburing";
  return nullptr;
}

SendRing::~SendRing() = default;

// There is no object to call these on.
char* SendRing::room(std::size_t) { std::abort(); }
void SendRing::send(int, std::size_t, Sender&) { std::abort(); }
void SendRing::flush() { std::abort(); }

}  // namespace ticker::net
