#pragma once

#include <ticker/hub/hub_stats.hpp>
#include <ticker/metrics/writer.hpp>

#include "shard.hpp"

namespace ticker::tickerd {

// Writes one shard's numbers. Any thread.
void collect(const Shard& shard, std::string_view number, metrics::Writer& writer);

}  // namespace ticker::tickerd
