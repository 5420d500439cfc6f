#pragma once

#include <string>

#include <ticker/config/config.hpp>
#include <ticker/config/load.hpp>

#include "section.hpp"

namespace ticker::config {

// Reads one item of `feeds`. `folder`: that of the configuration, where relative paths begin.
Feed read_feed(Report& report, const Node& node, const std::string& path,
               const LoadOptions& options, const std::string& folder);

}  // namespace ticker::config
