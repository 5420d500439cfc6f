#include "playback_track.hpp"

#include <algorithm>
#include <utility>

#include "instruments.hpp"

namespace ticker::ingest {
namespace {

using market::FeedState;
using recording::Kind;
using ReadResult = recording::Reader::ReadResult;

// What may stand in a symbol without meaning anything else there.
bool can_be_symbol(std::string_view native) {
  constexpr std::size_t kLongest = 64;
  constexpr std::string_view kOther = " *,\"\\";
  return !native.empty() && native.size() <= kLongest &&
         std::all_of(native.begin(), native.end(), [&](char c) {
           return c > ' ' && c < 0x7f && kOther.find(c) == std::string_view::npos;
         });
}

}  // namespace

Result<std::unique_ptr<PlaybackTrack>> PlaybackTrack::open(const Playback::Track& track,
                                                           Playback::Target& target,
                                                           Damages& damages) {
  auto reader = recording::Reader::open(track.path);
  if (!reader) {
    return reader.error();
  }
  const recording::Header& header = reader->header();
  Playback::Track whole = track;
  if (whole.adapter.empty()) {
    whole.adapter = header.adapter;
  }
  if (whole.adapter.empty()) {
    return Error{track.path + ": does not say which venue's it is; name its adapter"};
  }
  if (whole.adapter == feed::kJsonWebSocket) {
    return Error{
        track.path +
        ": what a json-websocket feed heard can't be played: what it means stands in the feed"};
  }
  if (const auto made = feed::make_adapter(whole.adapter, {}); !made) {
    return Error{track.path + ": " + made.error().message};
  }
  if (whole.feed.empty()) {
    whole.feed = header.feed.empty() ? whole.adapter : header.feed;
  }
  if (whole.symbols.empty()) {
    for (const auto& symbol : header.symbols) {
      whole.symbols.push_back({symbol.canonical, symbol.native});
    }
  }
  std::unique_ptr<PlaybackTrack> opened(new PlaybackTrack(
      std::move(reader.value()), std::move(whole), header.trades, target, damages));
  if (auto added = opened->add_symbols(); !added) {
    return added.error();
  }
  opened->read();
  opened->tell(FeedState::kConnecting, "before the recording's first message");
  return opened;
}

PlaybackTrack::PlaybackTrack(recording::Reader reader, Playback::Track track, std::string trades,
                             Playback::Target& target, Damages& damages)
    : reader_(std::move(reader)),
      track_(std::move(track)),
      trades_(std::move(trades)),
      target_(target),
      damages_(damages) {}

Status PlaybackTrack::add_symbols() {
  const auto adapter = std::move(feed::make_adapter(track_.adapter, {}).value());
  for (const auto& symbol : track_.symbols) {
    const auto native =
        symbol.native.empty() ? adapter->native_name(symbol.canonical) : symbol.native;
    if (!native) {
      return Error{track_.path + ": symbol '" + symbol.canonical + "': " + track_.adapter +
                   " can't have it"};
    }
    add(*native, symbol.canonical);
  }
  takes_all_ = track_.symbols.empty();
  return {};
}

// Names are taken once: of two symbols with one native name, the first.
std::optional<market::InstrumentId> PlaybackTrack::add(const std::string& native,
                                                       const std::string& canonical) {
  if (served_.size() >= Playback::kMostInstruments || !can_be_symbol(canonical) ||
      by_native_.contains(native)) {
    return std::nullopt;
  }
  const auto id = target_.add(make_instrument(track_.feed, canonical, native));
  by_native_.emplace(native, id);
  if (by_id_.emplace(id, served_.size()).second) {
    served_.push_back({id, 0});
  }
  return id;
}

void PlaybackTrack::read() {
  auto result = reader_.next(message_);
  while (result == ReadResult::kDamaged) {
    if (++damages_.count <= Damages::kMostTold) {
      const auto& damage = reader_.damage();
      damages_.told.push_back(damage.file + ": damaged at byte " + std::to_string(damage.offset) +
                              ": " + damage.what);
    }
    result = reader_.next(message_);
  }
  next_ns_ = result == ReadResult::kEnd ? std::nullopt : std::optional(message_.receive_ns);
}

void PlaybackTrack::play(Timestamp now) {
  now_ = now;
  switch (message_.kind) {
    case Kind::kReceived:
      target_.received(message_.size);
      if (auto* const from = connection(message_.connection)) {
        from->adapter->decode(message_.data, message_.size, now, *this);
      } else {
        rejected(feed::Rejected::kUndecodable);
      }
      break;
    case Kind::kReceivedBinary:
      target_.received(message_.size);
      rejected(feed::Rejected::kBinary);
      break;
    case Kind::kConnected:
      // A number that comes again without an end: whoever recorded was killed, and began anew.
      disconnected(message_.connection, "the recording breaks off");
      connection(message_.connection);
      break;
    case Kind::kDisconnected:
      disconnected(message_.connection, {message_.data, message_.size});
      break;
    case Kind::kSent:
    case Kind::kLost:
      break;
  }
  read();
}

void PlaybackTrack::end(Timestamp now, std::string_view reason) {
  now_ = now;
  for (auto& served : served_) {
    lose(served);
  }
  is_live_ = false;
  tell(FeedState::kDown, reason);
}

// nullptr: there are too many.
PlaybackTrack::Connection* PlaybackTrack::connection(std::uint32_t number) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const Connection& open) { return open.number == number; });
  if (found != connections_.end()) {
    std::iter_swap(connections_.begin(), found);
    return &connections_.front();
  }
  if (connections_.size() >= Playback::kMostConnections) {
    return nullptr;
  }
  if (idle_.empty()) {
    idle_.push_back(std::move(feed::make_adapter(track_.adapter, {.trades = trades_}).value()));
  }
  connections_.push_back({number, std::move(idle_.front())});
  idle_.erase(idle_.begin());
  connections_.back().adapter->reset();
  return &connections_.back();
}

void PlaybackTrack::disconnected(std::uint32_t number, std::string_view why) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const Connection& open) { return open.number == number; });
  if (found == connections_.end()) {
    return;
  }
  idle_.push_back(std::move(found->adapter));
  connections_.erase(found);
  for (auto& served : served_) {
    if (served.connection == number) {
      lose(served);
    }
  }
  if (connections_.empty() && std::exchange(is_live_, false)) {
    tell(FeedState::kConnecting, why);
  }
}

void PlaybackTrack::lose(Served& served) {
  if (std::exchange(served.is_fresh, false)) {
    target_.mark_stale(served.id);
  }
}

void PlaybackTrack::touch(market::InstrumentId id) {
  auto& served = served_[by_id_.find(id)->second];
  served.connection = message_.connection;
  served.is_fresh = true;
  if (!std::exchange(is_live_, true)) {
    tell(FeedState::kLive, {});
  }
}

void PlaybackTrack::tell(FeedState state, std::string_view reason) {
  target_.set_feed({track_.feed, track_.adapter, state, now_, std::string(reason)});
}

std::optional<market::InstrumentId> PlaybackTrack::find(std::string_view native) {
  if (const auto found = by_native_.find(native); found != by_native_.end()) {
    return found->second;
  }
  return takes_all_ ? add(std::string(native), std::string(native)) : std::nullopt;
}

void PlaybackTrack::ticker(const market::Update& update) {
  touch(update.instrument);
  target_.apply(update);
}

void PlaybackTrack::trade(const market::Trade& trade, market::FieldSet sets) {
  touch(trade.instrument);
  target_.apply(trade, sets);
}

// A venue that can't be trusted any more: so it was for whoever was connected then.
void PlaybackTrack::notice(const feed::Notice& notice) {
  if (notice.kind != feed::Notice::Kind::kUnavailable) {
    return;
  }
  for (auto& served : served_) {
    lose(served);
  }
  is_live_ = false;
  tell(FeedState::kStale, "the venue is unavailable: " + std::string(notice.text));
}

}  // namespace ticker::ingest
