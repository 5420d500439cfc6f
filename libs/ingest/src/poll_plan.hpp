#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticker::ingest {

// A URL to ask, and whose values it gives.
struct Poll {
  std::string url;
  std::vector<std::string> natives;
};

// The requests for these instruments: `{symbol}` in `form` makes one for each, `{symbols}` one for
// so many of them, with commas between them; neither: one for all. Names are percent-encoded.
std::vector<Poll> poll_plan(const std::string& form, const std::vector<std::string>& natives,
                            std::size_t symbols_per_request);

}  // namespace ticker::ingest
