#include <ticker/ingest/playback.hpp>

#include <algorithm>
#include <utility>

#include "playback_track.hpp"

namespace ticker::ingest {

class Playback::Impl {
 public:
  Status open(const std::vector<Track>& tracks, Target& target) {
    for (const auto& track : tracks) {
      auto opened = PlaybackTrack::open(track, target, damages_);
      if (!opened) {
        return opened.error();
      }
      tracks_.push_back(std::move(opened.value()));
    }
    choose();
    return {};
  }

  std::optional<Timestamp> next() const {
    return chosen_ == nullptr ? std::nullopt : std::optional(next_);
  }

  void play() {
    now_ = next_;
    chosen_->play(now_);
    choose();
  }

  void end(std::string_view reason) {
    for (const auto& track : tracks_) {
      track->end(now_, reason);
    }
  }

  const PlaybackTrack::Damages& damages() const { return damages_; }

 private:
  // The earliest; of equal ones, the first in the order given. A recorder's clock may have been set
  // back: time stands still then.
  void choose() {
    chosen_ = nullptr;
    std::int64_t earliest = 0;
    for (const auto& track : tracks_) {
      const auto next = track->next_ns();
      if (next && (chosen_ == nullptr || *next < earliest)) {
        chosen_ = track.get();
        earliest = *next;
      }
    }
    next_ = std::max(now_, from_us(earliest / 1000));
  }

  std::vector<std::unique_ptr<PlaybackTrack>> tracks_;
  PlaybackTrack::Damages damages_;
  PlaybackTrack* chosen_ = nullptr;  // has the next message; nullptr: the end
  Timestamp next_ = kNoTime;
  Timestamp now_ = kNoTime;
};

Result<Playback> Playback::open(const std::vector<Track>& tracks, Target& target) {
  auto impl = std::make_unique<Impl>();
  if (auto opened = impl->open(tracks, target); !opened) {
    return opened.error();
  }
  return Playback(std::move(impl));
}

Playback::Playback(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Playback::Playback(Playback&&) noexcept = default;
Playback& Playback::operator=(Playback&&) noexcept = default;
Playback::~Playback() = default;

std::optional<Timestamp> Playback::next() const { return impl_->next(); }
void Playback::play() { impl_->play(); }
void Playback::end(std::string_view reason) { impl_->end(reason); }
std::size_t Playback::damages() const { return impl_->damages().count; }
const std::vector<std::string>& Playback::damage() const { return impl_->damages().told; }

}  // namespace ticker::ingest
