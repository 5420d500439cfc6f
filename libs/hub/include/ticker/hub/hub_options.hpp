#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <ticker/base/clock.hpp>

namespace ticker::hub {

// What one client may ask for; told to it in `hello`. Keys of the configuration: `limits`.
struct ClientLimits {
  std::size_t entries = 1000;  // of all channels
  std::size_t lanes = 8;
  std::size_t request_bytes = 65'536;  // told only: it is the socket that refuses longer ones
  // Requests and control frames. A second's worth may come at once; what is more is refused, and
  // five seconds' worth above that ends the connection (4001). Where a request changes a list that
  // no other client has, twenty of its patterns count as one more; a second's worth at most.
  // 0: no limit.
  std::uint32_t requests_per_s = 20;
  // Of a snapshot, delta or trades frame. At least 4096, which the longest entry of one instrument
  // fits.
  std::size_t frame_bytes = 262'144;
  // Where tokens are demanded: a client that has shown no good one after so long, or after so many
  // bytes of requests, is closed (4500).
  std::chrono::milliseconds auth_timeout{10'000};
  std::size_t auth_request_bytes = 8'192;
  // So long before its token runs out a client is told; at most half of the time that it has left.
  std::chrono::milliseconds auth_notice{60'000};
};

struct HubOptions {
  ClientLimits limits;
  std::uint32_t shard = 0;  // a number for logs and labels; nothing depends on it

  // Clients see nothing before they have shown a token.
  bool auth_required = false;
  // False: whoever hands this hub its requests has held subscriptions against the token's least
  // interval, in real time.
  bool limits_subscriptions = true;

  std::chrono::milliseconds default_interval{100};  // of a lane whose client names none
  std::chrono::milliseconds heartbeat{15'000};      // longest silence towards a client
  std::chrono::milliseconds silent{
      60'000};  // longest silence of a client; it is pinged at half of it
  std::chrono::milliseconds no_progress{
      60'000};  // a blocked socket that takes no byte for so long is cut
  std::chrono::milliseconds since_wait{
      1'000};  // how long `since` may wait for a version not reached yet

  std::size_t trades_ring =
      65'536;  // trades kept for slow and returning clients, about 300 bytes each
  std::size_t fragments = 8'192;  // encoded entries kept, about 400 bytes each
  std::size_t body_cache_bytes =
      8'388'608;  // bodies of `/v1/tickers` kept for the next who ask the same

  // For the histograms only, so that frames depend on nothing but the hub's inputs. Of the time of
  // day, as Batch::published and receive times are. Must outlive the hub. nullptr: `now` is used,
  // and HubStats::flush stays empty.
  const Clock* stats_clock = nullptr;
};

}  // namespace ticker::hub
