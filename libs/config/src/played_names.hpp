#pragma once

#include <vector>

#include <ticker/config/config.hpp>

#include "section.hpp"
#include "yaml_tree.hpp"

namespace ticker::config {

// The feeds that recordings are played as must be no other feed's: its symbols would be there twice.
// `items`: what `feeds` were read from.
void check_played_names(Report& report, const std::vector<const Node*>& items,
                        const std::vector<Feed>& feeds);

}  // namespace ticker::config
