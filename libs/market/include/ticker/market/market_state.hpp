#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/base/result.hpp>
#include <ticker/market/batch.hpp>
#include <ticker/market/instrument_state.hpp>

namespace ticker::market {

// The newest state of every instrument on one version line. The ingest thread owns the one that is
// written (add, apply of updates, …) and takes Batches from it; every hub shard owns a replica and
// applies them. One thread, no I/O, no clock.
class MarketState {
 public:
  struct Options {
    // Removals remembered, so that a client that was away learns of them. Forgetting one raises
    // oldest_resumable(). About 100 bytes each.
    std::size_t removals = 10'000;
  };
  struct Removal {
    InstrumentId id;
    std::string symbol;
    Version created;
    Version removed;
    TradeLine line;
    std::uint64_t trades;  // the seq of its newest
  };
  enum class ApplyResult { kApplied, kGap, kOtherEpoch };
  // What data does to an instrument that is stale.
  enum class Stale : bool { kEnds, kStays };

  explicit MarketState(std::string epoch) : MarketState(std::move(epoch), Options()) {}
  MarketState(std::string epoch, Options options);

  // --- the writer ---
  // The instrument exists from now on, stale and without values. Requires: no living instrument has
  // its symbol.
  InstrumentId add(Instrument instrument);
  // Requires, as all below that name an instrument: it exists.
  void remove(InstrumentId id);
  // Keeps what differs from the state under one new version; false: nothing did, no version was
  // given. `stale`: whether the data shows that the instrument is not stale any more. change_24h and
  // change_percent_24h are computed unless the venue sends them.
  bool apply(const Update& update, Stale stale = Stale::kEnds);
  // Numbers the trade and queues it for replicas; the fields of `sets` (of last, last_size,
  // last_side) take its values.
  void apply(const Trade& trade, FieldSet sets, Stale stale = Stale::kEnds);
  void mark_stale(InstrumentId id);
  void set_feed(FeedStatus status);
  // The feed is not configured any more. Its instruments are removed apart.
  void remove_feed(std::string_view feed);
  // All since the last call. Empty: nothing changed.
  Batch take_batch();

  // --- a replica ---
  // kApplied, or nothing was done: kGap (the batch does not follow on this version), kOtherEpoch.
  ApplyResult apply(const Batch& batch);

  // --- both ---
  // Others than those given; what is remembered beyond them is forgotten with the next removal.
  void set_options(Options options) { options_ = options; }

  // --- whole ---
  // A binary form of everything but recent trades; how a replica starts and how it catches up. A
  // batch that follows on it is one begun after it: the writer calls take_batch() first.
  std::string serialise() const;
  // Any bytes; the error says that they are none of serialise(), or damaged.
  static Result<MarketState> deserialise(std::string_view bytes, Options options);

  // --- readers ---
  const std::string& epoch() const { return epoch_; }
  Version version() const { return version_; }
  // A client that holds the state as of this version or a later one can resume from it.
  Version oldest_resumable() const { return oldest_resumable_; }

  // nullptr: no such instrument now. Else valid until it is removed.
  const InstrumentState* find(InstrumentId id) const {
    return id < slots_.size() ? slots_[id].get() : nullptr;
  }
  const InstrumentState* find(std::string_view symbol) const;
  std::size_t size() const { return by_symbol_.size(); }
  // Ids of living instruments are below this; those of one not yet added are not.
  InstrumentId end_id() const { return static_cast<InstrumentId>(slots_.size()); }

  // Calls fn(const InstrumentState&) for each living instrument that changed after `since`, latest
  // change first; fn returns false to stop. Costs what changed, not what exists.
  template <typename Fn>
  void for_each_changed_since(Version since, Fn&& fn) const {
    for (auto id = newest_; id != kNone && slots_[id]->updated > since; id = links_[id].older) {
      if (!fn(static_cast<const InstrumentState&>(*slots_[id]))) {
        return;
      }
    }
  }
  // By rising version.
  const std::deque<Removal>& removals() const { return removals_; }
  const std::vector<FeedStatus>& feeds() const { return feeds_; }

 private:
  static constexpr InstrumentId kNone = static_cast<InstrumentId>(-1);
  struct Link {
    InstrumentId newer = kNone;
    InstrumentId older = kNone;
  };
  friend class StateCodec;

  InstrumentState& insert(InstrumentId id, Instrument instrument, Version version, TradeLine line);
  TradeLine line_of(InstrumentId id, std::string_view symbol) const;
  void erase(InstrumentId id, Version version);
  void compute_change(InstrumentState& state, FieldSet& changed);
  static void end_stale(InstrumentState& state, Stale stale, FieldSet& changed);
  void commit(InstrumentState& state, FieldSet changed, Version version);
  void record(const InstrumentState& state, FieldSet changed);
  void apply_change(const Batch& batch, const Batch::Change& change);
  void remember(Removal removal);
  static void put_feed(FeedStatus status, std::vector<FeedStatus>& feeds);
  void drop_feed(std::string_view feed);
  void link_newest(InstrumentId id);
  void unlink(InstrumentId id);

  std::string epoch_;
  Options options_;
  Version version_ = 0;
  Version oldest_resumable_ = 0;

  // Indexed by id; a removed instrument leaves an empty slot (8 bytes) for the rest of the epoch.
  std::vector<std::unique_ptr<InstrumentState>> slots_;
  // A list through all living instruments, from the latest changed to the one that changed longest
  // ago.
  std::vector<Link> links_;
  InstrumentId newest_ = kNone;
  std::unordered_map<std::string, InstrumentId, StringHash, std::equal_to<>> by_symbol_;
  std::deque<Removal> removals_;
  std::vector<FeedStatus> feeds_;

  // The writer's: what the next batch will hold; the highest count of trades that was forgotten with
  // its removal.
  Batch pending_;
  std::uint64_t trades_forgotten_ = 0;
};

}  // namespace ticker::market
