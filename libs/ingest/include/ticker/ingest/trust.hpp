#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <ticker/ingest/backoff.hpp>

namespace ticker::ingest {

// Whether the values of one instrument can be vouched for: by each of the connections that bring
// them. Binance's futures need two, quotes on one and statistics on the other; what one of them
// brings says nothing of the other's part. Ingest thread only.
class Trust {
 public:
  // `connections`: the numbers, in Adapter::plan(), of those that serve the instrument.
  explicit Trust(const std::vector<std::size_t>& connections);

  // Data of the instrument came over a connection that can be trusted.
  void confirm(std::size_t connection);
  // What the connection brought can't be vouched for any more.
  void lose(std::size_t connection);
  // The connection works. It has to bring anew what it brought before it was lost; where it never
  // brought anything, nothing is waited for.
  void restore(std::size_t connection);
  // The connection is gone, since then, until restore(). Its values are not stale for that, as it is
  // made anew soon, but nobody hears of what changes.
  void cut(std::size_t connection, TimePoint since);
  // Since when one of them is gone, the first; nullopt: all are there.
  std::optional<TimePoint> cut_since() const;
  // False: the instrument is stale, whatever comes over the other connections.
  bool whole() const;

  // The connections were made anew. The parts that `before` knew are taken for the same ones where
  // there are as many; where not, all wait for their connection if one was lost.
  void inherit(const Trust& before);

 private:
  struct Part {
    std::size_t connection;
    bool brought = false;
    bool lost = false;
    std::optional<TimePoint> cut_since = {};
  };
  Part* find(std::size_t connection);

  std::vector<Part> parts_;  // one or two
};

}  // namespace ticker::ingest
