#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/market/market_state.hpp>
#include <ticker/protocol/encoder.hpp>

namespace ticker::hub {

// The latest trades and gaps, encoded, in version order: what clients of the trades channel are
// served from. The oldest make room for new ones, in place; of those forgotten the ring knows, per
// line, up to which seq. The hub's thread.
class TradeRing {
 public:
  // Counts records from the first one ever; clients hold one as their cursor.
  using Position = std::uint64_t;

  // Whose trades they are. Those of an instrument that is gone, and of the one that its symbol came
  // back as, stand on one line: one count.
  struct Source {
    market::InstrumentId instrument = 0;
    market::InstrumentId line = 0;
    std::string_view symbol;
  };

  struct Record {
    market::Version version = 0;
    market::InstrumentId instrument = 0;
    market::InstrumentId line = 0;
    bool gap = false;  // `text` is a whole message, else an entry of a trades frame
    // The trades that it speaks of. A gap on the venue's side has none of ours: first_seq is that
    // of the trade that follows.
    std::uint64_t first_seq = 0;
    std::uint64_t last_seq = 0;
    market::Version lost_after =
        0;  // a gap on our side: its trades were made after this version, by `version`
    std::string symbol;
    std::string text;
  };

  TradeRing(const protocol::Encoder& encoder, std::size_t capacity);

  // Another capacity: the newest stay, the others are forgotten.
  void resize(std::size_t capacity);
  // With the gap on the venue's side before it, where there is one.
  void add(const market::Trade& trade, const Source& source);
  // Trades that this replica never got: `missed` of them, the first one `from_seq`, made after one
  // version and by another.
  struct Lost {
    std::uint64_t from_seq;
    std::uint64_t missed;
    market::Version after;
    market::Version by;
  };
  void add_lost(const Source& source, const Lost& lost);
  // The line's count goes on after `seq`, and it is not known where a client saw it.
  void add_jump(const Source& source, std::uint64_t seq, market::Version version);
  // The line's trades up to `seq` were made by `version`, and can't be had here.
  void forget(market::InstrumentId line, std::uint64_t seq, market::Version version);
  // Another epoch: nothing is known, positions go on.
  void clear();

  std::size_t capacity() const { return records_.size(); }
  Position begin() const { return end_ - size_; }
  Position end() const { return end_; }
  // Requires: begin() <= position < end().
  const Record& at(Position position) const { return records_[position % records_.size()]; }
  // The first record after that version.
  Position after(market::Version version) const;

  // Up to which trade of the line the ring has forgotten, and that trade's version; 0: none.
  std::uint64_t forgotten_seq(market::InstrumentId line) const;
  market::Version forgotten_version(market::InstrumentId line) const;

 private:
  struct Forgotten {
    std::uint64_t seq = 0;
    market::Version version = 0;
  };
  Record& next(const Source& source, market::Version version);

  const protocol::Encoder& encoder_;
  std::vector<Record> records_;
  std::size_t size_ = 0;
  Position end_ = 0;
  std::vector<Forgotten> forgotten_;  // by line
};

}  // namespace ticker::hub
