#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/market/instrument.hpp>

namespace ticker::tickerctl {

// Numbers instruments in the order in which a recording first speaks of them.
class InstrumentNames {
 public:
  market::InstrumentId id(std::string_view native) {
    if (const auto found = ids_.find(native); found != ids_.end()) {
      return found->second;
    }
    const auto id = static_cast<market::InstrumentId>(names_.size());
    names_.emplace_back(native);
    ids_.emplace(native, id);
    return id;
  }
  const std::string& name(market::InstrumentId id) const { return names_[id]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, market::InstrumentId, StringHash, std::equal_to<>> ids_;
};

}  // namespace ticker::tickerctl
