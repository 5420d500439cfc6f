#include "venue_sink.hpp"

#include <utility>

#include <ticker/base/log.hpp>

#include "stats.hpp"

namespace ticker::ingest {

void VenueSink::observe(Timestamp exchange_time, Timestamp receive_time) {
  if (exchange_time == kNoTime) {
    return;
  }
  if (exchange_time > receive_time) {
    stats_->clock_skew.add();
  }
  stats_->exchange_to_receive.observe(receive_time - exchange_time);
}

void VenueSink::complain(const std::string& feed, std::string_view text) {
  stats_->rejected.add(kVenueError);
  if (!std::exchange(has_complained_, true)) {
    log::warn(feed + ": the venue complains: " + std::string(text));
  }
}

}  // namespace ticker::ingest
