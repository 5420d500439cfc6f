#include "instruments.hpp"

namespace ticker::ingest {

market::Instrument make_instrument(const std::string& feed, const std::string& canonical,
                                   const std::string& native) {
  const auto dash = canonical.find('-');
  const auto rest = dash == std::string::npos ? std::string() : canonical.substr(dash + 1);
  return {feed + ":" + canonical, feed, native, canonical.substr(0, dash),
          rest.substr(0, rest.find('-'))};
}

}  // namespace ticker::ingest
