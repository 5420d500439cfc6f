#pragma once

#include <chrono>
#include <functional>

namespace ticker::ingest {

// For how long a change may wait before it is published, as those stand who are served. Asked on the
// ingest thread, each time a connection was read to its end. Empty: not at all.
using Patience = std::function<std::chrono::nanoseconds()>;

}  // namespace ticker::ingest
