#include "playback_track.hpp"

#include <algorithm>
#include <utility>

#include <ticker/feed/json_description.hpp>

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

// The track with what its file says of itself.
Result<Playback::Track> complete(Playback::Track track, const recording::Header& header,
                                 const std::string& file) {
  if (track.adapter.empty()) {
    track.adapter = header.adapter;
  }
  if (track.adapter.empty()) {
    return Error{file + ": does not say which venue's it is; name its adapter"};
  }
  const auto made =
      feed::make_recorded_adapter(track.adapter, header.trades, header.description);
  if (!made) {
    return Error{file + ": " + made.error().message};
  }
  if (track.feed.empty()) {
    track.feed = header.feed.empty() ? track.adapter : header.feed;
  }
  if (track.symbols.empty()) {
    for (const auto& symbol : header.symbols) {
      track.symbols.push_back({symbol.canonical, symbol.native});
    }
  }
  return track;
}

}  // namespace

void PlaybackTrack::Damages::add(std::string what) {
  if (++count <= kMostTold) {
    told.push_back(std::move(what));
  }
}

Result<std::unique_ptr<PlaybackTrack>> PlaybackTrack::open(const Playback::Track& track,
                                                           Playback::Target& target,
                                                           Damages& damages) {
  auto reader = recording::Reader::open(track.path);
  if (!reader) {
    return reader.error();
  }
  auto whole = complete(track, reader->header(), track.path);
  if (!whole) {
    return whole.error();
  }
  std::unique_ptr<PlaybackTrack> opened(new PlaybackTrack(
      std::move(reader.value()), track, std::move(whole.value()), target, damages));
  if (auto added = opened->add_symbols(); !added) {
    return added.error();
  }
  opened->takes_all_ = opened->track_.symbols.empty();
  opened->read();
  opened->tell(FeedState::kConnecting, "before the recording's first message");
  return opened;
}

PlaybackTrack::PlaybackTrack(recording::Reader reader, Playback::Track asked,
                             Playback::Track whole, Playback::Target& target, Damages& damages)
    : reader_(std::move(reader)),
      asked_(std::move(asked)),
      target_(target),
      damages_(damages),
      track_(std::move(whole)),
      trades_(reader_.header().trades),
      description_(reader_.header().description) {}

std::unique_ptr<feed::Adapter> PlaybackTrack::make_adapter() const {
  return std::move(
      feed::make_recorded_adapter(track_.adapter, trades_, description_).value());
}

Status PlaybackTrack::add_symbols() {
  const auto adapter = make_adapter();
  for (const auto& symbol : track_.symbols) {
    const auto native =
        symbol.native.empty() ? adapter->native_name(symbol.canonical) : symbol.native;
    if (!native) {
      return Error{track_.path + ": symbol '" + symbol.canonical + "': " + track_.adapter +
                   " can't have it"};
    }
    add(*native, symbol.canonical);
  }
  return {};
}

// Names are taken once: of two symbols with one native name, the first.
std::optional<market::InstrumentId> PlaybackTrack::add(const std::string& native,
                                                       const std::string& canonical) {
  if (served_.size() >= Playback::kMostInstruments || !can_be_symbol(canonical) ||
      by_native_.find(native)) {
    return std::nullopt;
  }
  const auto id = target_.add(make_instrument(track_.feed, canonical, native));
  by_native_.emplace(native, id);
  by_id_.resize(std::max<std::size_t>(by_id_.size(), id + std::size_t{1}), kNotServed);
  if (by_id_[id] == kNotServed) {
    by_id_[id] = static_cast<std::uint32_t>(served_.size());
    served_.push_back({id, 0});
  }
  return id;
}

void PlaybackTrack::read() {
  auto result = reader_.next(message_);
  while (result == ReadResult::kDamaged) {
    has_lost_ = true;
    const auto& damage = reader_.damage();
    damages_.add(damage.file + ": damaged at byte " + std::to_string(damage.offset) + ": " +
                 damage.what);
    result = reader_.next(message_);
  }
  next_ns_ = result == ReadResult::kEnd ? std::nullopt : std::optional(message_.receive_ns);
}

// A feed whose configuration changed goes on in another file: with more instruments, other trades,
// read otherwise, or as another venue's.
void PlaybackTrack::begin_file() {
  file_ = reader_.file();
  const auto& header = reader_.header();
  const auto& path = reader_.files()[file_];
  auto whole = complete(asked_, header, path);
  is_played_ = whole.ok();
  if (!whole) {
    damages_.add(whole.error().message);
    return;
  }
  if (whole->adapter != track_.adapter || header.trades != trades_ ||
      header.description != description_) {
    begin_anew();
    lines_.clear();
  }
  whole->feed = track_.feed;
  track_ = std::move(whole.value());
  trades_ = header.trades;
  description_ = header.description;
  if (const auto added = add_symbols(); !added) {
    damages_.add(added.error().message);
  }
}

void PlaybackTrack::play(Timestamp now) {
  now_ = now;
  if (reader_.file() != file_) {
    begin_file();
  }
  if (std::exchange(has_lost_, false) || message_.kind == Kind::kLost) {
    for (const auto& line : lines_) {
      line->interrupted();
    }
  }
  switch (message_.kind) {
    case Kind::kReceived:
      received();
      break;
    case Kind::kReceivedBinary:
      target_.received(message_.size);
      rejected(feed::Rejected::kBinary);
      break;
    case Kind::kConnected:
      // Numbers rise for as long as one recorder lives: it was killed, and another began.
      if (highest_ && message_.connection <= *highest_) {
        begin_anew();
      }
      open_connection(message_.connection,
                      recording::connected_after({message_.data, message_.size}));
      break;
    case Kind::kTookOver:
      if (open_.contains(message_.connection) && line_of(message_.connection)) {
        const bool was_available = lines_[line_]->is_available();
        lines_[line_]->take_over(message_.connection,
                                 recording::took_over_overlapped({message_.data, message_.size}),
                                 *this);
        note_availability(was_available, {});
      }
      break;
    case Kind::kDisconnected:
      close_connection(message_.connection, {message_.data, message_.size});
      break;
    case Kind::kSent:
    case Kind::kLost:
      break;
  }
  read();
}

void PlaybackTrack::received() {
  target_.received(message_.size);
  if (!is_played_ || !line_of(message_.connection)) {
    return rejected(feed::Rejected::kUndecodable);
  }
  lines_[line_]->decode(message_.connection, message_.data, message_.size, now_, *this);
}

void PlaybackTrack::end(Timestamp now, std::string_view reason) {
  now_ = now;
  lose_all();
  is_live_ = false;
  tell(FeedState::kDown, reason);
}

// The line speaks from now on. nullopt: there are too many.
std::optional<PlaybackTrack::LineIndex> PlaybackTrack::line_of(Number number) {
  if (speaker_ == number) {
    return line_;
  }
  const auto found = open_.find(number);
  // The recording may begin after the connection did.
  const auto line = found != open_.end() ? found->second : open_connection(number, std::nullopt);
  if (line) {
    speaker_ = number;
    line_ = *line;
  }
  return line;
}

std::optional<PlaybackTrack::LineIndex> PlaybackTrack::open_connection(
    Number number, std::optional<Number> after) {
  const auto line =
      open_.size() < Playback::kMostConnections ? line_for(after) : std::optional<LineIndex>();
  if (line) {
    highest_ = std::max(highest_.value_or(number), number);
    open_.emplace(number, *line);
    lines_[*line]->open(number);
  }
  return line;
}

// The line of a connection that comes after that one. Where nobody says, one that is closed.
std::optional<PlaybackTrack::LineIndex> PlaybackTrack::line_for(std::optional<Number> after) {
  auto found = std::find_if(lines_.begin(), lines_.end(),
                            [&](const auto& line) { return after && line->leader() == *after; });
  if (found == lines_.end()) {
    found = std::find_if(lines_.begin(), lines_.end(),
                         [](const auto& line) { return !line->is_open(); });
  }
  if (found == lines_.end() && lines_.size() < Playback::kMostConnections) {
    found = lines_.insert(found, std::make_unique<PlayedLine>([this] { return make_adapter(); }));
  }
  return found == lines_.end() ? std::nullopt
                               : std::optional(static_cast<LineIndex>(found - lines_.begin()));
}

// Nothing of what was open goes on.
void PlaybackTrack::begin_anew() {
  while (!open_.empty()) {
    close_connection(open_.begin()->first, "the recording breaks off");
  }
  for (const auto& line : lines_) {
    line->forget_leader();
  }
  highest_.reset();
}

void PlaybackTrack::close_connection(Number number, std::string_view why) {
  const auto found = open_.find(number);
  if (found == open_.end()) {
    return;
  }
  const auto line = found->second;
  open_.erase(found);
  speaker_.reset();
  lines_[line]->close(number);
  if (lines_[line]->is_open()) {
    return;
  }
  distrust(line);
  if (open_.empty() && std::exchange(is_live_, false)) {
    tell(FeedState::kConnecting, why);
  }
}

void PlaybackTrack::lose(Served& served) {
  if (std::exchange(served.is_fresh, false)) {
    target_.mark_stale(served.id);
  }
}

void PlaybackTrack::lose_all() {
  for (auto& served : served_) {
    lose(served);
  }
}

// What it brought is stale.
void PlaybackTrack::distrust(LineIndex line) {
  for (auto& served : served_) {
    if (served.line == line) {
      lose(served);
    }
  }
}

// The feed is what its worst line is.
bool PlaybackTrack::is_available() const {
  return std::ranges::all_of(lines_, [](const auto& line) { return line->is_available(); });
}

void PlaybackTrack::work() {
  if (is_available() && !std::exchange(is_live_, true)) {
    tell(FeedState::kLive, {});
  }
}

Playback::Target::Stale PlaybackTrack::touch(market::InstrumentId id) {
  auto& served = served_[by_id_[id]];
  served.line = line_;
  if (!lines_[line_]->is_available()) {
    return Playback::Target::Stale::kStays;
  }
  served.is_fresh = true;
  if (!is_live_) {
    work();
  }
  return Playback::Target::Stale::kEnds;
}

void PlaybackTrack::tell(FeedState state, std::string_view reason) {
  target_.set_feed({track_.feed, track_.adapter, state, now_, std::string(reason)});
}

std::optional<market::InstrumentId> PlaybackTrack::find(std::string_view native) {
  if (const auto known = by_native_.find(native)) {
    return known;
  }
  return takes_all_ ? add(std::string(native), std::string(native)) : std::nullopt;
}

void PlaybackTrack::ticker(const market::Update& update) {
  target_.apply(update, touch(update.instrument));
}

void PlaybackTrack::trade(const market::Trade& trade, market::FieldSet sets) {
  target_.apply(trade, sets, touch(trade.instrument));
}

// A venue that can't be trusted, until it says that it can: so it was for whoever was connected then.
void PlaybackTrack::notice(const feed::Notice& notice) {
  const bool is_available = notice.kind == feed::Notice::Kind::kAvailable;
  if (!is_available && notice.kind != feed::Notice::Kind::kUnavailable) {
    return;
  }
  auto& line = *lines_[line_];
  const bool was_available = line.is_available();
  line.set_available(message_.connection, is_available);
  note_availability(was_available, notice.text);
}

// Of the line that speaks.
void PlaybackTrack::note_availability(bool was_available, std::string_view text) {
  const bool is_available = lines_[line_]->is_available();
  if (is_available == was_available) {
    return;
  }
  if (is_available) {
    return work();
  }
  distrust(line_);
  is_live_ = false;
  tell(FeedState::kStale,
       "the venue is unavailable" + (text.empty() ? "" : ": " + std::string(text)));
}

}  // namespace ticker::ingest
