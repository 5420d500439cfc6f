#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include <ticker/ingest/sliding_window.hpp>

namespace ticker::ingest {

// How often this process may connect to each host: venues count attempts per address, whichever
// feed makes them. Ingest thread only.
class ConnectBudgets {
 public:
  // When an attempt at `host` may be made: `now`, and then it is counted; or later, and then ask
  // again. At most `limit` in any `length` (0: no limit); those of the first who asked for this
  // host count.
  TimePoint take(const std::string& host, std::size_t limit, std::chrono::milliseconds length,
                 TimePoint now);

 private:
  std::map<std::string, SlidingWindow> hosts_;  // as many as the configuration ever named
};

}  // namespace ticker::ingest
