#pragma once

#include <ticker/config/config.hpp>
#include <ticker/config/load.hpp>

#include "section.hpp"

namespace ticker::config {

// The keys of a feed that read_json() reads.
inline constexpr const char* kJsonKeys[] = {"native_form", "symbols_per_request", "messages"};
inline constexpr const char* kJsonSocketKeys[] = {
    "login",        "subscribe", "symbols_per_connection", "requests_per_s",
    "heartbeat_ms", "heartbeat", "heartbeat_answer"};
// … and that read_poll() does.
inline constexpr const char* kPollKeys[] = {"interval_ms", "timeout_ms", "requests_per_minute",
                                            "max_bytes", "headers"};

// Reads what a feed says of a venue that nobody wrote an adapter for.
void read_json(Report& report, Section& feed, const LoadOptions& options, JsonVenue& json);
void read_poll(Report& report, Section& feed, Poll& poll);

}  // namespace ticker::config
