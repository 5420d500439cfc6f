// Stands in for send_ring_uring.cpp where there is no liburing.
#include "send_ring.hpp"

namespace ticker::net {

struct SendRing::Ring {};

SendRing::SendRing() = default;
SendRing::~SendRing() = default;

std::optional<std::string> SendRing::open() { return "built without liburing"; }

std::size_t SendRing::submit() { return 0; }

}  // namespace ticker::net
