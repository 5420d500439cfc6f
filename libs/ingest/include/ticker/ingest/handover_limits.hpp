#pragma once

#include <chrono>

namespace ticker::ingest {

// When a connection is replaced by the next one, before it goes.
struct HandoverLimits {
  // For so long at most both serve, once the next one has subscribed: an instrument that says
  // nothing can't be waited for.
  std::chrono::milliseconds overlap{5'000};
  // Between the beginnings of two: a venue that announces the end of every connection as soon as it
  // is made must not be stormed.
  std::chrono::milliseconds interval{60'000};
  // A connection is replaced when it is so old, or as old as its venue allows; 0: the latter only.
  std::chrono::milliseconds max_age{0};
};

}  // namespace ticker::ingest
