#include "replay_source.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>

#include <ticker/base/assert.hpp>

#include "recordings.hpp"

namespace ticker::tickerd {
namespace {

constexpr std::size_t kPieceBytes = 256U << 10U;

// What is played before others have their turn: so many messages, or what takes so long, where they are large.
class Slice {
 public:
  explicit Slice(const ReadingThread& thread) : thread_(thread), ends_(thread.now() + kLongest) {}
  bool is_over() const { return played_ > 0 && (played_ >= kMessages || thread_.now() >= ends_); }
  void count() { ++played_; }

 private:
  static constexpr std::size_t kMessages = 1'000;
  static constexpr std::chrono::milliseconds kLongest{5};

  const ReadingThread& thread_;
  const Timestamp ends_;
  std::size_t played_ = 0;
};

}  // namespace

ReplaySource::ReplaySource(Replays& replays, Options options, Deliver deliver)
    : reading_(replays.reading()), options_(std::move(options)), deliver_(std::move(deliver)) {}

void ReplaySource::begin() { later(&ReplaySource::open); }
void ReplaySource::read() { later(&ReplaySource::deliver_more); }

void ReplaySource::later(void (ReplaySource::*work)()) {
  reading_->run([self = shared_from_this(), work] {
    if (!self->is_cancelled_) {
      (*self.*work)();
    }
  });
}

void ReplaySource::open() {
  const auto tracks = find_recording(options_.folder, options_.recording);
  if (tracks.empty()) {
    return fail(protocol::ErrorCode::kUnknownRecording, "no recording " + options_.recording);
  }
  auto opened = ingest::PlayedMarket::open(tracks, options_.epoch);
  if (!opened) {
    return fail(protocol::ErrorCode::kBadRecording, without_folder(opened.error().message));
  }
  market_ = std::move(opened.value());
  first_ = played_ = market_->next().value_or(kNoTime);
  later(&ReplaySource::go_to_position);
}

void ReplaySource::go_to_position() {
  Slice slice(*reading_);
  for (auto next = market_->next(); options_.position && next && *next < *options_.position; next = market_->next()) {
    if (slice.is_over()) {
      (void)market_->take_batch();
      return later(&ReplaySource::go_to_position);
    }
    played_ = *next;
    market_->play();
    slice.count();
  }
  later(&ReplaySource::deliver_beginning);
}

void ReplaySource::deliver_beginning() {
  (void)market_->take_batch();
  auto state = market::MarketState::deserialise(market_->state().serialise(), {});
  TICKER_ASSERT(state.ok());
  auto piece = std::make_shared<Piece>();
  // Past the last message there is nothing to wait for.
  const auto wanted = std::max(options_.position.value_or(first_), first_);
  piece->beginning = Beginning{std::move(state).value(), market_->next() ? wanted : played_};
  fill(*piece);
  piece->ends_at = std::max(piece->ends_at, piece->beginning->position);
  deliver(std::move(piece));
}

void ReplaySource::deliver_more() {
  auto piece = std::make_shared<Piece>();
  fill(*piece);
  deliver(std::move(piece));
}

void ReplaySource::fill(Piece& piece) {
  std::size_t bytes = 0;
  for (Slice slice(*reading_); !slice.is_over() && bytes < kPieceBytes; slice.count()) {
    const auto next = market_->next();
    if (!next || (options_.to && *next > *options_.to)) {
      piece.is_last = true;
      piece.ends_at = next ? *options_.to : played_;
      piece.damage = damage();
      return;
    }
    played_ = *next;
    market_->play();
    auto batch = market_->take_batch();
    if (!batch.empty()) {
      bytes += batch.bytes();
      piece.changes.push_back({*next, std::move(batch)});
    }
  }
}

void ReplaySource::deliver(std::shared_ptr<Piece> piece) {
  reading_->if_running([&] { deliver_(std::move(piece)); });
}

void ReplaySource::fail(protocol::ErrorCode code, const std::string& message) {
  auto piece = std::make_shared<Piece>();
  piece->fault = Fault{code, message};
  deliver(std::move(piece));
}

std::string ReplaySource::damage() const {
  const auto& playback = market_->playback();
  if (playback.damages() == 0) {
    return {};
  }
  return without_folder(playback.damage().front()) + "; damaged places: " + std::to_string(playback.damages());
}

// Where recordings lie is nobody's business.
std::string ReplaySource::without_folder(const std::string& text) const {
  const std::string folder = (std::filesystem::path(options_.folder) / "").string();
  std::string without = text;
  for (auto at = without.find(folder); at != std::string::npos; at = without.find(folder, at)) {
    without.erase(at, folder.size());
  }
  return without;
}

}  // namespace ticker::tickerd
