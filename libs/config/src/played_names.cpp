#include "played_names.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace ticker::config {

void check_played_names(Report& report, const std::vector<const Node*>& items,
                        const std::vector<Feed>& feeds) {
  // Which feed has the name, or plays it; none has that of the consolidated quotes.
  std::map<std::string, std::size_t> owners{{"best", feeds.size()}};
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    owners.emplace(feeds[i].name, i);
  }
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const auto& recordings = feeds[i].played.recordings;
    for (std::size_t j = 0; j < recordings.size(); ++j) {
      if (!recordings[j].feed.empty() && owners.emplace(recordings[j].feed, i).first->second != i) {
        report.expected(
            *items[i]->find("recordings")->items[j].find("feed"),
            "feeds[" + std::to_string(i) + "].recordings[" + std::to_string(j) + "].feed",
            "a name that no other feed has or plays, nor best");
      }
    }
  }
}

}  // namespace ticker::config
