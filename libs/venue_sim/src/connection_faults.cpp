#include <ticker/venue_sim/connection_faults.hpp>

#include <limits>

namespace ticker::venue_sim {

const Fault* ConnectionFaults::take_due() {
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const Fault& fault = venue_.striking()[i];
    const bool waits_for_message =
        fault.probability > 0 || (fault.from.count() > 0 && counts_[i].seen == 0);
    if (!fault.is_of_messages() && !waits_for_message && is_due(i)) {
      strike(i);
      return &fault;
    }
  }
  return nullptr;
}

const std::vector<const Fault*>& ConnectionFaults::judge(std::size_t position,
                                                         std::chrono::nanoseconds offset,
                                                         const std::vector<std::string>& topics) {
  judged_.clear();
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const Fault& fault = venue_.striking()[i];
    if (offset < fault.from || !fault.covers(topics)) {
      continue;
    }
    Count& count = counts_[i];
    const bool is_chosen = fault.probability == 0 || venue_.is_chosen(i, position);
    if (count.left == 0 && is_chosen && is_due(i)) {
      strike(i);
      count.left =
          fault.messages == Fault::kAll ? std::numeric_limits<std::size_t>::max() : fault.messages;
    }
    if (count.left > 0) {
      --count.left;
      judged_.push_back(&fault);
    }
    ++count.seen;
  }
  return judged_;
}

bool ConnectionFaults::is_due(std::size_t fault) const {
  const Fault& rule = venue_.striking()[fault];
  const Count& count = counts_[fault];
  if (count.seen < rule.after || count.struck_at == count.seen || !venue_.may_strike(fault)) {
    return false;
  }
  const auto beyond = count.seen - rule.after;
  return rule.probability > 0 || beyond == 0 || (rule.every > 0 && beyond % rule.every == 0);
}

void ConnectionFaults::strike(std::size_t fault) {
  venue_.struck(fault);
  counts_[fault].struck_at = counts_[fault].seen;
}

}  // namespace ticker::venue_sim
