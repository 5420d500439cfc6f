#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/playback.hpp>
#include <ticker/recording/reader.hpp>

namespace ticker::ingest {

// One recording of a playback: its messages, the adapters of its connections, its instruments. One
// thread.
class PlaybackTrack final : private feed::Sink {
 public:
  // What was lost on the way, for all tracks.
  struct Damages {
    static constexpr std::size_t kMostTold = 20;

    std::size_t count = 0;
    std::vector<std::string> told;
  };

  static Result<std::unique_ptr<PlaybackTrack>> open(const Playback::Track& track,
                                                     Playback::Target& target, Damages& damages);

  // In the file, whatever came before it; nullopt: the end.
  std::optional<std::int64_t> next_ns() const { return next_ns_; }
  // Plays the message that is next, at this time. Requires: next_ns().
  void play(Timestamp now);
  // All of it is stale, the feed is down.
  void end(Timestamp now, std::string_view reason);

 private:
  // One connection that was recorded, as far as it is open.
  struct Connection {
    std::uint32_t number = 0;
    std::unique_ptr<feed::Adapter> adapter;
  };
  struct Served {
    market::InstrumentId id;
    std::uint32_t connection;  // which brought something of it last
    bool is_fresh = false;
  };

  PlaybackTrack(recording::Reader reader, Playback::Track track, std::string trades,
                Playback::Target& target, Damages& damages);

  Status add_symbols();
  void read();
  std::optional<market::InstrumentId> add(const std::string& native, const std::string& canonical);
  Connection* connection(std::uint32_t number);
  void disconnected(std::uint32_t number, std::string_view why);
  void lose(Served& served);
  void touch(market::InstrumentId id);
  void tell(market::FeedState state, std::string_view reason);

  std::optional<market::InstrumentId> find(std::string_view native) override;
  void ticker(const market::Update& update) override;
  void trade(const market::Trade& trade, market::FieldSet sets) override;
  void notice(const feed::Notice& notice) override;
  void rejected(feed::Rejected reason) override { target_.rejected(reason); }
  void skipped(feed::Skipped reason) override { target_.skipped(reason); }

  recording::Reader reader_;
  recording::Reader::Message message_;  // the next one
  std::optional<std::int64_t> next_ns_;
  const Playback::Track track_;  // complete
  const std::string trades_;
  Playback::Target& target_;
  Damages& damages_;

  // Few at a time, the one that spoke last in front. Those that ended are used again, so that ids
  // of trades that nobody received show as a gap.
  std::vector<Connection> connections_;
  std::vector<std::unique_ptr<feed::Adapter>> idle_;

  std::unordered_map<std::string, market::InstrumentId, StringHash, std::equal_to<>> by_native_;
  std::vector<Served> served_;
  std::unordered_map<market::InstrumentId, std::size_t> by_id_;  // in served_
  bool takes_all_ = false;  // instruments that nobody named too

  Timestamp now_ = kNoTime;
  bool is_live_ = false;
};

}  // namespace ticker::ingest
