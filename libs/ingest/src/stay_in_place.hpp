#pragma once

#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/feed_options.hpp>

namespace ticker::ingest {

// Whether every instrument that both serve has the same connections and the same name in both. Only
// then can each connection hand over to the one of its number: it compares what it brings with that
// one alone, and what nobody renews brings only changes to an instrument that it takes for known.
// Requires: both are good, and of the adapter's venue.
bool stay_in_place(const feed::Adapter& adapter, const FeedOptions& before,
                   const FeedOptions& after);

}  // namespace ticker::ingest
