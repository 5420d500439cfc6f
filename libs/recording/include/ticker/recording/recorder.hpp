#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <ticker/metrics/recording_stats.hpp>
#include <ticker/recording/header.hpp>
#include <ticker/recording/record.hpp>

namespace ticker::recording {

// Records one feed. Compressing and writing have a thread of their own, reached through a buffer of
// fixed size: when the disk is slow or full, what finds no room there is counted and told of in the
// recording, and nobody waits. Errors are logged once, and tried again each second.
class Recorder {
 public:
  // Where to, and how much of it.
  struct Storage {
    // Of the feed's segments; made if missing. Other files in it are left alone.
    std::string folder;
    // Not empty: everything goes into this new file instead, without limit.
    std::string file;
    // A segment is ended when it is so large (compressed), or so old, though nothing more comes; the
    // next begins with the next record.
    std::uint64_t segment_bytes = std::uint64_t{256} << 20U;
    std::chrono::milliseconds segment_age = std::chrono::hours(1);
    // The oldest segments are deleted so that all have this size at most. 0: none is.
    // Requires: 0, or at least twice segment_bytes.
    std::uint64_t keep_bytes = 0;
    // Memory for what waits to be written; at least what one message needs.
    std::size_t buffer_bytes = std::size_t{16} << 20U;
    // What is lost at most if the process is killed.
    std::chrono::milliseconds flush_interval{500};

    friend bool operator==(const Storage&, const Storage&) = default;
  };
  // How long stop() waits for a disk that takes nothing, from begin_stop() on.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  // `previous`: the same feed's recorder until now; it writes all it has before this one begins.
  Recorder(Storage storage, Header header, std::shared_ptr<metrics::RecordingStats> stats,
           std::unique_ptr<Recorder> previous = nullptr);
  // As stop().
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What records have as their time: the system's wall clock, steps and all.
  static std::int64_t now_ns();
  // Copies what there is room for; never waits. One thread. Not after begin_stop().
  void record(const Record& record);
  // The number of a connection that is about to be made.
  std::uint32_t next_connection() { return next_connection_++; }

  // Begins to write what there is, and to end the segment: of several recorders all do so at once.
  void begin_stop();
  // Waits for that; begins it if nobody did.
  void stop();
  // The same, while nobody waits. nullptr: nothing.
  static void retire(std::unique_ptr<Recorder> recorder);

  const Storage& storage() const;
  const Header& header() const;

 private:
  class Thread;

  // the feed's thread only
  const std::shared_ptr<metrics::RecordingStats> stats_;
  std::uint32_t next_connection_ = 0;
  std::uint64_t lost_ = 0;  // since the last record that there was room for
  std::int64_t lost_ns_ = 0;
  std::optional<std::chrono::steady_clock::time_point> stop_by_;  // nullopt: nobody has begun to
  bool is_stopped_ = false;
  std::shared_ptr<Thread> thread_;  // the thread holds it too: it may outlive us, held up by a disk
};

}  // namespace ticker::recording
