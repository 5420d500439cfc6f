#include <ticker/venue_sim/tape.hpp>

#include <algorithm>
#include <cassert>

namespace ticker::venue_sim {

void Tape::add(std::int64_t recv_ns, std::string_view message,
               const std::vector<std::string>& topics) {
  assert(entries_.empty() || recv_ns >= entries_.back().recv_ns);
  const auto index = entries_.size();
  entries_.push_back({recv_ns, text_.size(), intern(topics)});
  text_ += message;
  for (const auto& topic : topics) {
    by_topic_[topic].push_back(index);
  }
}

std::string_view Tape::message(std::size_t index) const {
  const auto begin = entries_[index].begin;
  const auto end = index + 1 < entries_.size() ? entries_[index + 1].begin : text_.size();
  return std::string_view(text_).substr(begin, end - begin);
}

std::chrono::nanoseconds Tape::offset(std::size_t index) const {
  return std::chrono::nanoseconds(entries_[index].recv_ns - entries_.front().recv_ns);
}

std::optional<std::size_t> Tape::last_of(std::string_view topic, std::size_t end) const {
  const auto indexes = all_of(topic, end);
  return indexes.empty() ? std::nullopt : std::optional(indexes.back());
}

std::span<const std::size_t> Tape::all_of(std::string_view topic, std::size_t end) const {
  const auto found = by_topic_.find(topic);
  if (found == by_topic_.end()) {
    return {};
  }
  const auto& indexes = found->second;
  return {indexes.begin(), std::lower_bound(indexes.begin(), indexes.end(), end)};
}

std::optional<std::size_t> Tape::first_of(std::string_view topic) const {
  const auto found = by_topic_.find(topic);
  return found == by_topic_.end() ? std::nullopt : std::optional(found->second.front());
}

std::uint32_t Tape::intern(const std::vector<std::string>& topics) {
  std::string key;
  for (const auto& topic : topics) {
    key += topic;
    key += '\n';
  }
  const auto [found, is_new] =
      set_index_.try_emplace(key, static_cast<std::uint32_t>(topic_sets_.size()));
  if (is_new) {
    topic_sets_.push_back(topics);
  }
  return found->second;
}

}  // namespace ticker::venue_sim
