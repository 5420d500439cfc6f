#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/name_index.hpp>
#include <ticker/ingest/playback.hpp>
#include <ticker/recording/reader.hpp>

#include "played_line.hpp"

namespace ticker::ingest {

// One recording of a playback: its messages, the lines that they came on, its instruments. One
// thread.
class PlaybackTrack final : private feed::Sink {
 public:
  // What was lost on the way, for all tracks.
  struct Damages {
    static constexpr std::size_t kMostTold = 20;

    std::size_t count = 0;
    std::vector<std::string> told;

    void add(std::string what);
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
  // A recorded connection has nothing in common with another of the same number, but its line.
  using Number = std::uint32_t;
  using LineIndex = std::size_t;
  struct Served {
    market::InstrumentId id;
    LineIndex line;  // which brought something of it last
    bool is_fresh = false;
  };

  PlaybackTrack(recording::Reader reader, Playback::Track asked, Playback::Track whole,
                Playback::Target& target, Damages& damages);

  void read();
  void begin_file();
  std::unique_ptr<feed::Adapter> make_adapter() const;
  Status add_symbols();
  std::optional<market::InstrumentId> add(const std::string& native, const std::string& canonical);

  void received();
  std::optional<LineIndex> line_of(Number number);
  std::optional<LineIndex> open_connection(Number number, std::optional<Number> after);
  std::optional<LineIndex> line_for(std::optional<Number> after);
  void begin_anew();
  void close_connection(Number number, std::string_view why);
  void lose(Served& served);
  void lose_all();
  void distrust(LineIndex line);
  bool is_available() const;
  void work();
  void note_availability(bool was_available, std::string_view text);
  Playback::Target::Stale touch(market::InstrumentId id);
  void tell(market::FeedState state, std::string_view reason);

  std::optional<market::InstrumentId> find(std::string_view native) override;
  void ticker(const market::Update& update) override;
  void trade(const market::Trade& trade, market::FieldSet sets) override;
  void notice(const feed::Notice& notice) override;
  void rejected(feed::Rejected reason) override { target_.rejected(reason); }
  void skipped(feed::Skipped reason) override { target_.skipped(reason); }

  recording::Reader reader_;
  recording::Reader::Message message_;  // the next one, or the one that is being played
  std::optional<std::int64_t> next_ns_;
  bool has_lost_ = false;  // something before message_ could not be read
  const Playback::Track asked_;
  Playback::Target& target_;
  Damages& damages_;

  // of the file in hand
  std::size_t file_ = 0;
  Playback::Track track_;  // complete
  std::string trades_;
  std::string description_;
  bool is_played_ = true;  // it is known how to

  // Those that are closed are used again, so that ids of trades that nobody received show as a gap.
  std::vector<std::unique_ptr<PlayedLine>> lines_;
  std::map<Number, LineIndex> open_;            // connections; what ends with them has an order
  std::optional<Number> highest_;               // of the connections since the recorder began
  LineIndex line_ = 0;                          // that is speaking …
  std::optional<Number> speaker_;               // … through this connection; nullopt: nobody yet

  NameIndex by_native_;
  std::vector<Served> served_;
  static constexpr auto kNotServed = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> by_id_;  // in served_
  bool takes_all_ = false;            // instruments that nobody named too

  Timestamp now_ = kNoTime;
  bool is_live_ = false;
};

}  // namespace ticker::ingest
