#pragma once

#include <string>
#include <vector>

#include <ticker/recording/header.hpp>
#include <ticker/recording/record.hpp>

namespace ticker::replay {

// Something that passed, with bytes of its own.
struct OwnedRecord {
  std::int64_t receive_ns;
  recording::Kind kind;
  std::uint32_t connection;
  std::string bytes;

  friend bool operator==(const OwnedRecord&, const OwnedRecord&) = default;
};

// The recording that the golden frames are made from: feed::Simulator's market as Binance would
// tell it, with a connection that is lost for half a second. The same on every machine.
recording::Header sim_header();
std::vector<OwnedRecord> sim_records();

}  // namespace ticker::replay
