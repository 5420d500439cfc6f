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
};

}  // namespace ticker::ingest
