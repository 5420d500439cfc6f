#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "replay_source.hpp"

namespace ticker::tickerd {

// The changes of a recording in their order, as its source brings them: one piece in hand, and one ahead, asked for as soon as
// there is room. The shard's thread.
class ReplayPieces {
 public:
  ~ReplayPieces();

  // Pieces are this one's from now on, which was not begun; those in hand are given until its first is there.
  void begin(std::shared_ptr<ReplaySource> source);
  // A first piece, in place of what is in hand.
  void restart(ReplaySource::Piece piece);
  // One more.
  void add(ReplaySource::Piece piece);
  // The source has nothing to give: nothing is there any more, and this is why.
  void fail(const std::string& why);

  // nullptr: none is here now; if is_last(), none will come.
  const ReplaySource::Change* next() const { return next_ < piece_.changes.size() ? &piece_.changes[next_] : nullptr; }
  // The one after it. Requires: next().
  void pop();
  bool is_last() const { return piece_.is_last; }
  // Requires: is_last().
  Timestamp ends_at() const { return piece_.ends_at; }
  // What could not be read, as far as it is known; empty: nothing.
  const std::string& damage() const { return piece_.damage; }

 private:
  void turn_over();
  void cancel();

  std::shared_ptr<ReplaySource> source_;
  ReplaySource::Piece piece_;
  std::size_t next_ = 0;                       // of its changes
  std::optional<ReplaySource::Piece> ready_;  // to be played after it
};

}  // namespace ticker::tickerd
