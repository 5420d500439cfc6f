#pragma once

#include <ticker/config/config.hpp>
#include <ticker/feed/json_feed.hpp>

namespace ticker::tickerd {

// A venue that the configuration describes, in the feeds' words.
feed::JsonMapping json_mapping(const config::JsonVenue& venue);
feed::JsonSocket json_socket(const config::JsonVenue& venue);

}  // namespace ticker::tickerd
