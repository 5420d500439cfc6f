#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/protocol/push.hpp>

namespace ticker::protocol {

// What a client holds, merged by the rules that clients may rely on: snapshot entries and new ones
// replace, delta entries merge by field, removed ones end, an epoch forgets all. One thread.
class ClientState {
 public:
  // Takes in one message.
  void apply(const Push& push);
  void apply(const EntryFrame& frame);

  // Forgets the instruments that any of these texts matches: where a request with `since` was
  // answered `resumed: false`, before its snapshot; and what an unsubscription ended.
  void forget(const std::vector<std::string>& symbols);

  // nullptr: nothing is held. Else valid until the next apply() or forget().
  const Entry* find(std::string_view symbol) const;
  const std::map<std::string, Entry, std::less<>>& entries() const { return entries_; }
  const std::map<std::string, Status, std::less<>>& feeds() const { return feeds_; }

  const std::string& epoch() const { return epoch_; }
  // Where to resume from: the version of the last complete frame. nullopt: none yet in this epoch.
  std::optional<market::Version> lane_version(std::string_view lane) const;
  std::optional<market::Version> trades_version() const { return trades_version_; }

 private:
  void enter_epoch(const std::string& epoch);

  std::string epoch_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::map<std::string, Status, std::less<>> feeds_;
  std::map<std::string, market::Version, std::less<>> lanes_;
  std::optional<market::Version> trades_version_;
};

}  // namespace ticker::protocol
