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

bool before(const TradeStream::Known& known, InstrumentId id) { return known.id < id; }

}  // namespace

TradeStream::Known& TradeStream::know(InstrumentId id) {
  const auto at = std::lower_bound(known.begin(), known.end(), id, before);
  return at != known.end() && at->id == id ? *at : *known.insert(at, Known{id});
}

TradeStream::Known TradeStream::known_of(InstrumentId id) const {
  const auto at = std::lower_bound(known.begin(), known.end(), id, before);
  return at != known.end() && at->id == id ? *at : Known{id};
}

TradeServer::TradeServer(const market::MarketState& state, const TradeRing& ring,
                         const Encoder& encoder, FrameArena& arena)
    : state_(state), ring_(ring), encoder_(encoder), arena_(arena) {}

bool TradeServer::wants(const TradeStream& stream, const TradeRing::Record& record) const {
  // Trades made just before an instrument was removed are still owed.
  const bool matches =
      stream.selection->contains(0, record.instrument) ||
      (state_.find(record.instrument) == nullptr && stream.selection->lane_of(record.symbol));
  return matches && record.first_seq > stream.known_of(record.instrument).seq;
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
    const TradeStream::Known known = stream.known_of(*id);
    const std::uint64_t forgotten = ring_.forgotten_seq(*id);
    if (forgotten <= known.seq && !known.lost) {
      continue;
    }
    Gap gap{state_.find(*id)->instrument.symbol, 0, std::nullopt, Gap::Source::kClient};
    if (!known.lost) {
      gap.from_seq = known.seq + 1;
      gap.missed = forgotten - known.seq;
    }
    text_.clear();
    encoder_.append_message(text_, gap);
    Frame frame = whole(text_);
    frame.next = stream.cursor;
    frame.overrun = *id;
    frame.overrun_seq = std::max(forgotten, known.seq);
    return frame;
  }
  stream.overrun = false;
  stream.cursor = std::max(stream.cursor, stream.overrun_to);
  return std::nullopt;
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
    stream.overrun_next = *frame.overrun + 1;
    return;
  }
  for (auto position = stream.cursor; position < frame.next; ++position) {
    const TradeRing::Record& record = ring_.at(position);
    if (wants(stream, record)) {
      stream.know(record.instrument).seq = record.last_seq;
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
  for (const InstrumentId id : not_running(stream, ids)) {
    stream.know(id).seq = state_.find(id)->trades;
  }
}

void TradeServer::resume(TradeStream& stream, const std::vector<InstrumentId>& ids,
                         Version since) const {
  const std::vector<InstrumentId> starting = not_running(stream, ids);
  for (const InstrumentId id : starting) {
    stream.know(id).seq = state_.find(id)->trades;
  }
  // Backwards, so that the first trade after `since` has the last word.
  const TradeRing::Position from = ring_.after(since);
  for (auto position = ring_.end(); position-- > from;) {
    const TradeRing::Record& record = ring_.at(position);
    if (!std::binary_search(starting.begin(), starting.end(), record.instrument)) {
      continue;
    }
    if (record.lost_after < since) {
      // The client may have some of the trades that this replica lost.
      stream.know(record.instrument) = {record.instrument, record.last_seq, true};
    } else {
      stream.know(record.instrument).seq = record.first_seq - 1;
    }
  }
  for (const InstrumentId id : starting) {
    TradeStream::Known& known = stream.know(id);
    known.lost = known.lost || ring_.forgotten_version(id) > since;
    if (known.lost) {
      stream.overrun = true;
      stream.overrun_next = 0;
    }
  }
  stream.cursor = std::min(stream.cursor, from);
}

std::vector<InstrumentId> TradeServer::not_running(const TradeStream& stream,
                                                   const std::vector<InstrumentId>& ids) {
  std::vector<InstrumentId> others;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(others), [&](InstrumentId id) {
    const auto at = std::lower_bound(stream.known.begin(), stream.known.end(), id, before);
    return at == stream.known.end() || at->id != id;
  });
  return others;
}

void TradeServer::prune(TradeStream& stream) {
  std::erase_if(stream.known, [&](const TradeStream::Known& known) {
    return !stream.selection->contains(0, known.id);
  });
}

}  // namespace ticker::hub
