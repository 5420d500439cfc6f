#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <ticker/hub/connection.hpp>
#include <ticker/market/market_state.hpp>
#include <ticker/protocol/encoder.hpp>

#include "fragment_cache.hpp"
#include "frame_arena.hpp"
#include "lane.hpp"
#include "recent_entries.hpp"

namespace ticker::hub {

// Builds the frames of lanes: collects what the client does not hold yet, by rising instrument id,
// and cuts it into frames. The hub's thread.
class LaneServer {
 public:
  // A frame that was built and not yet taken by the socket.
  struct Frame {
    Slice bytes;  // in the arena
    Turn turn;    // as it stands once the frame is taken
    bool last = false;
    std::size_t entries = 0;
  };

  LaneServer(const market::MarketState& state, const protocol::Encoder& encoder, FrameArena& arena,
             std::size_t fragments);

  // The next frame of the lane's turn, which begins if none is under way. nullopt: there was
  // nothing to send, the turn is over. `seen`: the version up to which the client was shown
  // anything. `frame_bytes`: the longest frame, but for an entry that alone is longer.
  std::optional<Frame> build(Lane& lane, const Selection& selection, market::Version seen,
                             std::size_t frame_bytes);
  // The frame was taken.
  void commit(Lane& lane, const Frame& frame);
  // Whether something is left to be served in a turn to come.
  bool has_more(const Lane& lane) const;
  // The instrument has gone.
  void forget(market::InstrumentId id) { recent_.forget(id); }
  // The state is another epoch's.
  void clear() {
    fragments_.clear();
    recent_.clear();
  }

 private:
  // Something that a frame has to mention.
  struct Item {
    market::InstrumentId id;
    const market::InstrumentState* state;  // nullptr: removed
    const std::string* removed;            // its symbol
    // Of one that is not removed; no fields: the client holds it already.
    market::FieldSet fields{};
    bool as_new = false;
  };

  Turn begin(const Lane& lane) const;
  void finish(Lane& lane, const Turn& turn);
  bool anything_changed(const Lane& lane) const;
  // Nothing of the lane but what enters it has changed.
  bool all_held(const Lane& lane, const Selection& selection, market::Version seen);
  void collect(const Lane& lane, const Selection& selection, const Turn& turn,
               market::Version seen);
  bool few_changed(const Lane& lane) const;
  // True: by rising id.
  bool collect_changed(const Lane& lane, const Part& part, market::InstrumentId next);
  void collect_removed(const Lane& lane, const Selection& selection, market::InstrumentId next,
                       market::Version seen);
  // What of the item the client does not hold yet.
  void choose(const Lane& lane, const Turn& turn, Item& item) const;
  // The same for those from `first` on that are encoded next, and brings what that needs near.
  void choose_some(const Lane& lane, const Turn& turn, std::size_t first);
  // Behind a separator. Empty: the client holds it already.
  std::string_view encode(const Item& item);
  // Whether all that the turn is for is what changed in the lane's own instruments, of which each is
  // to be looked at.
  bool is_plain(const Lane& lane, const Turn& turn) const;
  bool removals_to_tell(const Lane& lane) const;
  // `room`: for all entries of the frame.
  void append_changed(const Lane& lane, Frame& frame, std::size_t room);
  std::string_view changed_entry(const Lane& lane, const market::InstrumentState& state);
  // False: the frame is full.
  bool append(Frame& frame, market::InstrumentId id, std::string_view entry, std::size_t room);

  const market::MarketState& state_;
  const protocol::Encoder& encoder_;
  FrameArena& arena_;
  FragmentCache fragments_;
  RecentEntries recent_;

  // Scratch, kept for its memory.
  std::vector<Item> items_;
  std::string text_;
};

}  // namespace ticker::hub
