#include "trade_stream.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <ticker/protocol/message.hpp>

namespace ticker::hub {
namespace {

using market::InstrumentId;
using market::Version;
using protocol::Encoder;
using protocol::FrameKind;
using protocol::Gap;

bool before(const TradeStream::Known& known, InstrumentId line) { return known.line < line; }

}  // namespace

TradeStream::Known& TradeStream::know(InstrumentId line) {
  const auto at = std::lower_bound(known.begin(), known.end(), line, before);
  return at != known.end() && at->line == line ? *at : *known.insert(at, Known{line});
}

const TradeStream::Known* TradeStream::find(InstrumentId line) const {
  const auto at = std::lower_bound(known.begin(), known.end(), line, before);
  return at != known.end() && at->line == line ? &*at : nullptr;
}

TradeServer::TradeServer(const market::MarketState& state, const TradeRing& ring,
                         const Encoder& encoder, FrameArena& arena)
    : state_(state), ring_(ring), encoder_(encoder), arena_(arena) {}

bool TradeServer::wants(const TradeStream& stream, const TradeRing::Record& record) const {
  // Trades made just before an instrument was removed are still owed.
  const bool matches =
      stream.selection->contains(0, record.instrument) ||
      (state_.find(record.instrument) == nullptr && stream.selection->lane_of(record.symbol));
  const TradeStream::Known* known = matches ? stream.find(record.line) : nullptr;
  return matches && (known == nullptr || record.first_seq > known->seq);
}

std::optional<TradeServer::Frame> TradeServer::build(TradeStream& stream,
                                                     std::size_t frame_bytes) {
  while (stream.overrun || stream.cursor < ring_.begin()) {
    if (!std::exchange(stream.overrun, true)) {
      stream.overrun_next = 0;
      stream.overrun_to = ring_.begin();
    }
    if (auto frame = build_overrun(stream)) {
      return frame;
    }
  }
  Frame frame;
  Version version = 0;
  arena_.begin(Encoder::kMaxEnvelopeBytes);
  for (frame.next = stream.cursor; frame.next < ring_.end(); ++frame.next) {
    const TradeRing::Record& record = ring_.at(frame.next);
    if (!wants(stream, record)) {
      continue;
    }
    if (record.gap && frame.trades == 0) {
      arena_.undo();
      const TradeRing::Position next = frame.next + 1;
      frame = whole(record.text);
      frame.next = next;
      return frame;
    }
    const std::size_t grown = Encoder::kMaxEnvelopeBytes + arena_.size() + 1 + record.text.size();
    if (record.gap || (frame.trades > 0 && grown > frame_bytes)) {
      break;
    }
    if (frame.trades++ > 0) {
      arena_.append(encoder_.separator());
    }
    arena_.append(record.text);
    version = record.version;
  }
  if (frame.trades == 0) {
    arena_.undo();
    stream.cursor = frame.next;
    return std::nullopt;
  }
  text_.clear();
  encoder_.append_head(text_, FrameKind::kTrades, {},
                       frame.next == ring_.end() ? state_.version() : version);
  frame.bytes = arena_.finish(text_, encoder_.tail());
  return frame;
}

std::optional<TradeServer::Frame> TradeServer::build_overrun(TradeStream& stream) {
  const auto& ids = stream.selection->part(0).ids;
  for (auto id = std::lower_bound(ids.begin(), ids.end(), stream.overrun_next); id != ids.end();
       ++id) {
    const market::InstrumentState& instrument = *state_.find(*id);
    const TradeStream::Known* known = stream.find(instrument.line.id);
    const TradeStream::Known all{instrument.line.id, instrument.line.before,
                                 instrument.line.jumps(*id)};
    if (auto frame = tell_lost(stream, known == nullptr ? all : *known,
                               instrument.instrument.symbol)) {
      frame->overrun_next = *id + 1;
      return frame;
    }
  }
  for (const TradeStream::Known& known : stream.known) {
    const bool lost = known.lost || ring_.forgotten_seq(known.line) > known.seq;
    if (const std::string* symbol = lost ? gone(stream, known.line) : nullptr) {
      auto frame = tell_lost(stream, known, *symbol);
      frame->overrun_next = state_.end_id();
      return frame;
    }
  }
  stream.overrun = false;
  stream.cursor = std::max(stream.cursor, stream.overrun_to);
  return std::nullopt;
}

std::optional<TradeServer::Frame> TradeServer::tell_lost(const TradeStream& stream,
                                                         const TradeStream::Known& known,
                                                         const std::string& symbol) {
  const std::uint64_t forgotten = ring_.forgotten_seq(known.line);
  if (forgotten <= known.seq && !known.lost) {
    return std::nullopt;
  }
  Gap gap{symbol, 0, std::nullopt, Gap::Source::kClient};
  if (!known.lost) {
    gap.from_seq = known.seq + 1;
    gap.missed = forgotten - known.seq;
  }
  text_.clear();
  encoder_.append_message(text_, gap);
  Frame frame = whole(text_);
  frame.next = stream.cursor;
  frame.overrun = known.line;
  frame.overrun_seq = std::max(forgotten, known.seq);
  return frame;
}

const std::string* TradeServer::gone(const TradeStream& stream, InstrumentId line) const {
  if (state_.find(line) != nullptr) {
    return nullptr;
  }
  const auto& removals = state_.removals();
  const auto last = std::find_if(removals.rbegin(), removals.rend(),
                                 [line](const auto& removal) { return removal.line.id == line; });
  return last == removals.rend() || !gone(stream, *last) ? nullptr : &last->symbol;
}

bool TradeServer::gone(const TradeStream& stream,
                       const market::MarketState::Removal& removal) const {
  const market::InstrumentState* back = state_.find(removal.symbol);
  return (back == nullptr || back->line.id != removal.line.id) &&
         stream.selection->lane_of(removal.symbol);
}

TradeServer::Frame TradeServer::whole(std::string_view message) {
  Frame frame;
  arena_.begin(0);
  arena_.append(message);
  frame.bytes = arena_.finish({}, {});
  return frame;
}

void TradeServer::commit(TradeStream& stream, const Frame& frame) {
  if (frame.overrun) {
    stream.know(*frame.overrun) = {*frame.overrun, frame.overrun_seq, false};
    stream.overrun_next = frame.overrun_next;
    return;
  }
  for (auto position = stream.cursor; position < frame.next; ++position) {
    const TradeRing::Record& record = ring_.at(position);
    if (wants(stream, record)) {
      stream.know(record.line).seq = record.last_seq;
    }
  }
  stream.cursor = frame.next;
}

void TradeServer::start_anew(TradeStream& stream) const {
  stream.known = {};
  stream.overrun = false;
  stream.cursor = ring_.end();
  start(stream, stream.selection->part(0).ids);
}

void TradeServer::start(TradeStream& stream, const std::vector<InstrumentId>& ids) const {
  for (const InstrumentId id : ids) {
    const market::InstrumentState& instrument = *state_.find(id);
    stream.know(instrument.line.id) = {instrument.line.id, instrument.trades, false};
  }
}

void TradeServer::resume(TradeStream& stream, const std::vector<InstrumentId>& ids,
                         Version since) const {
  start(stream, ids);
  const std::vector<InstrumentId> lines = lines_of(ids);
  // Backwards, so that the first trade after `since` has the last word.
  const TradeRing::Position from = ring_.after(since);
  for (auto position = ring_.end(); position-- > from;) {
    const TradeRing::Record& record = ring_.at(position);
    if (!std::binary_search(lines.begin(), lines.end(), record.line)) {
      continue;
    }
    if (record.lost_after < since) {
      // The client may have some of the trades that this replica lost.
      stream.know(record.line) = {record.line, record.last_seq, true};
    } else {
      stream.know(record.line).seq = record.first_seq - 1;
    }
  }
  bool lost = false;
  for (const InstrumentId line : lines) {
    TradeStream::Known& known = stream.know(line);
    known.lost = known.lost || ring_.forgotten_version(line) > since;
    lost = lost || known.lost;
  }
  // Latest first: the last removal of a line.
  const auto& removals = state_.removals();
  for (auto removal = removals.rbegin(); removal != removals.rend() && removal->removed > since;
       ++removal) {
    const InstrumentId line = removal->line.id;
    if (ring_.forgotten_version(line) > since && stream.find(line) == nullptr &&
        gone(stream, *removal)) {
      stream.know(line).lost = lost = true;
    }
  }
  if (lost) {
    stream.overrun = true;
    stream.overrun_next = 0;
  }
  stream.cursor = std::min(stream.cursor, from);
}

std::vector<InstrumentId> TradeServer::lines_of(const std::vector<InstrumentId>& ids) const {
  std::vector<InstrumentId> lines;
  lines.reserve(ids.size());
  for (const InstrumentId id : ids) {
    lines.push_back(state_.find(id)->line.id);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

void TradeServer::keep_sent(TradeStream& stream, Version since) const {
  for (auto position = ring_.after(since); position < stream.cursor; ++position) {
    const TradeRing::Record& record = ring_.at(position);
    if (wants(stream, record)) {
      stream.know(record.line).seq = record.last_seq;
    }
  }
}

void TradeServer::prune(TradeStream& stream, bool with_gone) const {
  const std::vector<InstrumentId> living = lines_of(stream.selection->part(0).ids);
  std::erase_if(stream.known, [&](const TradeStream::Known& known) {
    return !std::binary_search(living.begin(), living.end(), known.line) &&
           !(with_gone && gone(stream, known.line) != nullptr);
  });
}

}  // namespace ticker::hub
