#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/feed/sink.hpp>

namespace ticker::feed {

// A venue that does not exist: quotes with spreads, trades and 24 h statistics that fit together,
// made from a seed. What comes out by a time is the same on every run and machine, in however many
// steps the time is reached. One thread.
class Simulator {
 public:
  struct Options {
    std::uint64_t seed = 1;
    std::size_t instruments = 50;
    // Changes of the whole feed, each of at least a bid or an ask; 0: none.
    std::size_t updates_per_second = 500;
  };
  // Changes that are due longer than this are left out: a process that was stopped for an hour does
  // not make up for it.
  static constexpr std::chrono::minutes kMaxCatchUp{1};

  explicit Simulator(const Options& options);
  Simulator(Simulator&&) noexcept;
  Simulator& operator=(Simulator&&) noexcept;
  ~Simulator();

  // Canonical names, which are the native ones too: `BTC-USD`, ….
  const std::vector<std::string>& instruments() const;

  // The first call sets the start and gives every instrument its values; later ones give the
  // changes due by `now`, evenly spaced from the start. Requires: `now` never goes back.
  void advance(Timestamp now, Sink& sink);
  // When the next change is due; Timestamp::max(): never. Requires: advance() was called.
  Timestamp next_due() const;

 private:
  class Market;
  std::unique_ptr<Market> market_;
};

}  // namespace ticker::feed
