#include "lane_server.hpp"

#include <algorithm>
#include <array>

namespace ticker::hub {

using market::Field;
using market::FieldSet;
using market::InstrumentId;
using market::InstrumentState;
using market::MarketState;
using market::Version;
using protocol::Encoder;
using protocol::FrameKind;

namespace {

// So many fragments are brought near at a time: those of a watchlist's frame.
constexpr std::size_t kChosenAtOnce = 32;

}  // namespace

LaneServer::LaneServer(const MarketState& state, const Encoder& encoder, FrameArena& arena,
                       std::size_t fragments)
    : state_(state),
      encoder_(encoder),
      arena_(arena),
      fragments_(encoder, fragments) {}

std::optional<LaneServer::Frame> LaneServer::build(Lane& lane, const Selection& selection,
                                                   Version seen, std::size_t frame_bytes) {
  Frame frame;
  frame.turn = lane.turn.active ? lane.turn : begin(lane);
  frame.last = true;
  const FrameKind kind =
      frame.turn.kind == Turn::Kind::kDelta ? FrameKind::kDelta : FrameKind::kSnapshot;
  const std::string& name = lane.part->name;
  const std::size_t envelope = Encoder::kMaxEnvelopeBytes + 6 * name.size();
  const std::size_t room = frame_bytes - std::min(frame_bytes, envelope);
  arena_.begin(envelope);
  if (is_plain(lane, frame.turn)) {
    append_changed(lane, frame, room);
  } else {
    collect(lane, selection, frame.turn, seen);
    for (std::size_t i = 0; i < items_.size() && frame.last; ++i) {
      if (i % kChosenAtOnce == 0) {
        choose_some(lane, frame.turn, i);
      }
      append(frame, items_[i].id, encode(items_[i]), room);
    }
  }
  const bool answer = lane.answer_due() || lane.turn.active;
  if (frame.entries == 0 && !answer) {
    arena_.undo();
    finish(lane, frame.turn);
    return std::nullopt;
  }
  if (frame.last && frame.turn.kind == Turn::Kind::kPartSnapshot &&
      !all_held(lane, selection, seen)) {
    frame.last = false;
    frame.turn.kind = Turn::Kind::kDelta;
    frame.turn.next = 0;
  }
  text_.clear();
  encoder_.append_head(text_, kind, name,
                       frame.last ? std::optional(frame.turn.version) : std::nullopt);
  frame.bytes = arena_.finish(text_, encoder_.tail());
  return frame;
}

bool LaneServer::append(Frame& frame, InstrumentId id, std::string_view entry, std::size_t room) {
  if (entry.empty()) {
    return true;
  }
  if (frame.entries == 0) {
    entry.remove_prefix(encoder_.separator().size());
  } else if (arena_.size() + entry.size() > room) {
    frame.last = false;
    frame.turn.next = id;
    return false;
  }
  arena_.append(entry);
  ++frame.entries;
  return true;
}

bool LaneServer::is_plain(const Lane& lane, const Turn& turn) const {
  return turn.kind == Turn::Kind::kDelta && lane.entering.empty() && lane.added.empty() &&
         !removals_to_tell(lane) && !few_changed(lane);
}

void LaneServer::append_changed(const Lane& lane, Frame& frame, std::size_t room) {
  const auto& ids = lane.part->ids;
  auto id = std::lower_bound(ids.begin(), ids.end(), frame.turn.next);
  while (id != ids.end()) {
    std::array<const InstrumentState*, kChosenAtOnce> changed;
    std::size_t count = 0;
    for (; id != ids.end() && count < changed.size(); ++id) {
      const InstrumentState* state = state_.find(*id);
      if (state->updated > lane.served) {
        recent_.prefetch_entry(*id);
        changed[count++] = state;
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      recent_.prefetch_text(changed[i]->id);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (!append(frame, changed[i]->id, changed_entry(lane, *changed[i]), room)) {
        return;
      }
    }
  }
}

std::string_view LaneServer::changed_entry(const Lane& lane, const InstrumentState& state) {
  const FieldSet listed = lane.settings.fields;
  if (const std::string* known = recent_.find(state, listed, lane.served)) {
    return *known;
  }
  Item item{state.id, &state, nullptr};
  choose(lane, Turn(), item);
  std::string* const entry = recent_.start(state, listed, lane.served);
  if (entry == nullptr) {
    return encode(item);
  }
  if (!item.fields.empty()) {
    *entry += encoder_.separator();
    encoder_.append_entry(*entry, state, item.fields, item.as_new);
  }
  return *entry;
}

bool LaneServer::all_held(const Lane& lane, const Selection& selection, Version seen) {
  Turn rest;
  rest.kind = Turn::Kind::kDelta;
  collect(lane, selection, rest, seen);
  return std::all_of(items_.begin(), items_.end(), [&](Item& item) {
    choose(lane, rest, item);
    return item.state != nullptr && item.fields.empty();
  });
}

void LaneServer::commit(Lane& lane, const Frame& frame) {
  if (frame.last) {
    finish(lane, frame.turn);
  } else {
    lane.turn = frame.turn;
    lane.turn.active = true;
  }
}

Turn LaneServer::begin(const Lane& lane) const {
  Turn turn;
  turn.kind = lane.fresh           ? Turn::Kind::kSnapshot
              : lane.part_snapshot ? Turn::Kind::kPartSnapshot
                                   : Turn::Kind::kDelta;
  turn.version = state_.version();
  return turn;
}

void LaneServer::finish(Lane& lane, const Turn& turn) {
  // A snapshot tells nothing of what was removed.
  lane.removed_from = turn.kind == Turn::Kind::kSnapshot ? lane.removed_from : turn.version;
  lane.served = turn.version;
  lane.fresh = lane.part_snapshot = lane.forced = false;
  lane.added = {};
  lane.entering = {};
  lane.turn = {};
}

bool LaneServer::has_more(const Lane& lane) const {
  return lane.turn.active || lane.answer_due() || !lane.added.empty() || !lane.entering.empty() ||
         anything_changed(lane) || removals_to_tell(lane);
}

bool LaneServer::removals_to_tell(const Lane& lane) const {
  const auto& removals = state_.removals();
  return !removals.empty() && removals.back().removed > lane.removed_from;
}

bool LaneServer::anything_changed(const Lane& lane) const {
  return lane.served < state_.version() &&
         std::any_of(lane.part->ids.begin(), lane.part->ids.end(), [&](InstrumentId id) {
           return state_.find(id)->updated > lane.served;
         });
}

void LaneServer::collect(const Lane& lane, const Selection& selection, const Turn& turn,
                         Version seen) {
  items_.clear();
  const Part& part = *lane.part;
  switch (turn.kind) {
    case Turn::Kind::kSnapshot:
      for (auto id = std::lower_bound(part.ids.begin(), part.ids.end(), turn.next);
           id != part.ids.end(); ++id) {
        items_.push_back({*id, state_.find(*id), nullptr});
      }
      return;
    case Turn::Kind::kPartSnapshot:
      for (const Entering& entry : lane.entering) {
        const InstrumentState* state =
            entry.held || entry.id < turn.next ? nullptr : state_.find(entry.id);
        if (state != nullptr) {
          items_.push_back({entry.id, state, nullptr});
        }
      }
      return;
    case Turn::Kind::kDelta:
      break;
  }
  const bool in_order = collect_changed(lane, part, turn.next);
  const std::size_t changed = items_.size();
  for (const Entering& entry : lane.entering) {
    const InstrumentState* state = entry.id < turn.next ? nullptr : state_.find(entry.id);
    if (state != nullptr) {
      items_.push_back({entry.id, state, nullptr});
    }
  }
  collect_removed(lane, selection, turn.next, seen);
  if (in_order && items_.size() == changed) {
    return;
  }
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) { return a.id < b.id; });
  items_.erase(std::unique(items_.begin(), items_.end(),
                           [](const Item& a, const Item& b) { return a.id == b.id; }),
               items_.end());
}

// Two ways to find what changed: through what changed anywhere, latest first, or through the lane's
// own instruments. The first is the cheaper one by far when little changed.
bool LaneServer::few_changed(const Lane& lane) const {
  return state_.version() - lane.served <= lane.part->ids.size() / 4 + 4;
}

bool LaneServer::collect_changed(const Lane& lane, const Part& part, InstrumentId next) {
  const bool everything = !lane.added.empty();
  if (!everything && few_changed(lane)) {
    state_.for_each_changed_since(lane.served, [&](const InstrumentState& state) {
      if (state.id >= next && std::binary_search(part.ids.begin(), part.ids.end(), state.id)) {
        items_.push_back({state.id, &state, nullptr});
      }
      return true;
    });
    return items_.size() < 2;
  }
  for (auto id = std::lower_bound(part.ids.begin(), part.ids.end(), next); id != part.ids.end();
       ++id) {
    const InstrumentState* state = state_.find(*id);
    if (everything || state->updated > lane.served) {
      items_.push_back({*id, state, nullptr});
    }
  }
  return true;
}

void LaneServer::collect_removed(const Lane& lane, const Selection& selection, InstrumentId next,
                                 Version seen) {
  if (!removals_to_tell(lane)) {
    return;
  }
  const auto& removals = state_.removals();
  auto removal = std::upper_bound(
      removals.begin(), removals.end(), lane.removed_from,
      [](Version from, const MarketState::Removal& entry) { return from < entry.removed; });
  for (; removal != removals.end(); ++removal) {
    // One that came and went between two frames was never shown; of one that came back, the new one
    // replaces the old.
    if (removal->id >= next && removal->created <= seen &&
        state_.find(removal->symbol) == nullptr &&
        selection.lane_of(removal->symbol) == lane.index) {
      items_.push_back({removal->id, nullptr, &removal->symbol});
    }
  }
}

void LaneServer::choose(const Lane& lane, const Turn& turn, Item& item) const {
  if (item.state == nullptr) {
    return;
  }
  const InstrumentState& state = *item.state;
  const FieldSet listed = (lane.settings.fields | Field::kStale) & state.given();
  if (turn.kind != Turn::Kind::kDelta) {
    item.fields = listed;
    return;
  }
  const Entering* entering = lane.find_entering(state.id);
  if (entering != nullptr && !entering->held) {
    return;  // it was in the snapshot that this turn began with
  }
  const Version base = entering == nullptr ? lane.served : entering->base;
  if (state.created > base) {
    item.fields = listed;
    item.as_new = true;
    return;
  }
  const FieldSet missing = entering == nullptr ? lane.added : entering->full;
  // A companion is no change of its own; asked for anew, it is sent all the same.
  const FieldSet changed = (state.changed_since(base) | missing) & listed;
  if (!changed.empty()) {
    item.fields = changed | (listed & FieldSet::companions());
  }
}

void LaneServer::choose_some(const Lane& lane, const Turn& turn, std::size_t first) {
  const std::size_t end = std::min(items_.size(), first + kChosenAtOnce);
  for (std::size_t i = first; i < end; ++i) {
    choose(lane, turn, items_[i]);
    fragments_.prefetch_slot(items_[i].id, items_[i].fields, items_[i].as_new);
  }
  for (std::size_t i = first; i < end; ++i) {
    fragments_.prefetch_text(items_[i].id, items_[i].fields, items_[i].as_new);
  }
}

std::string_view LaneServer::encode(const Item& item) {
  if (item.state == nullptr) {
    text_ = encoder_.separator();
    encoder_.append_removed(text_, *item.removed);
    return text_;
  }
  return item.fields.empty() ? std::string_view()
                             : fragments_.entry(*item.state, item.fields, item.as_new);
}

}  // namespace ticker::hub
