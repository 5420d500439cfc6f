#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <ticker/venue_sim/faults.hpp>

namespace ticker::venue_sim {

// When a venue's faults strike one connection. Pure.
class ConnectionFaults {
 public:
  // `venue` outlives it.
  explicit ConnectionFaults(Faults& venue) : venue_(venue), counts_(venue.striking().size()) {}

  // A fault of the connection whose count is reached, each once; nullptr: none.
  const Fault* take_due();
  // The faults that strike or still concern the tape's message at `position`, `offset` after the
  // recording's first one, which comes up on this connection now. Valid until the next call.
  const std::vector<const Fault*>& judge(std::size_t position, std::chrono::nanoseconds offset,
                                         const std::vector<std::string>& topics);

 private:
  struct Count {
    std::size_t seen = 0;
    std::optional<std::size_t> struck_at;  // what `seen` was then
    std::size_t left = 0;                  // messages that the last strike still concerns
  };

  bool is_due(std::size_t fault) const;
  void strike(std::size_t fault);

  Faults& venue_;
  std::vector<Count> counts_;
  std::vector<const Fault*> judged_;
};

}  // namespace ticker::venue_sim
