#pragma once

#include <ticker/config/config.hpp>
#include <ticker/config/load.hpp>

#include "section.hpp"

namespace ticker::config {

// The keys of a feed that read_json() reads.
inline constexpr const char* kJsonKeys[] = {
    "native_form",    "login",        "subscribe", "symbols_per_request", "symbols_per_connection",
    "requests_per_s", "heartbeat_ms", "heartbeat", "heartbeat_answer",    "messages"};

// Reads what a feed says of a venue that nobody wrote an adapter for.
void read_json(Report& report, Section& feed, const LoadOptions& options, JsonVenue& json);

}  // namespace ticker::config
