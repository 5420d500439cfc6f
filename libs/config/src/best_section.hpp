#pragma once

#include <ticker/config/config.hpp>

#include "section.hpp"

namespace ticker::config {

// Reads `best`. Requires: the feeds of `config` were read.
void read_best(Report& report, Section& root, Config& config);

}  // namespace ticker::config
