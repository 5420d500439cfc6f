#pragma once

#include <cstddef>

namespace ticker::ingest {

// What this program has allocated so far, in calls.
std::size_t allocations();

}  // namespace ticker::ingest
