#pragma once

#include <string>
#include <vector>

#include <ticker/venue_sim/venue_server.hpp>

namespace ticker::exchange_sim {

// Adds the faults of a script that concern the venue of `server`. Every error of the file, as
// lines; none: it is taken.
std::vector<std::string> add_fault_script(const std::string& path,
                                          venue_sim::VenueServer::Options& server);

}  // namespace ticker::exchange_sim
