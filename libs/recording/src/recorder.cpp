#include <ticker/recording/recorder.hpp>

#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <ticker/base/assert.hpp>
#include <ticker/base/clock.hpp>
#include <ticker/base/log.hpp>
#include <ticker/recording/block.hpp>
#include <ticker/recording/segment_file.hpp>

#include "record_ring.hpp"
#include "segment_folder.hpp"

namespace ticker::recording {
namespace {

using SteadyClock = std::chrono::steady_clock;

// How often the buffer is looked at: being woken for each record would cost the feed a system call.
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::milliseconds kRetry{1'000};

}  // namespace

// What compresses and writes. All but `ring`, finish() and wait_until() is the thread's own.
class Recorder::Thread {
 public:
  Thread(Storage storage, Header header, std::shared_ptr<metrics::RecordingStats> stats)
      : ring(storage.buffer_bytes),
        storage_(std::move(storage)),
        header_(std::move(header)),
        stats_(std::move(stats)),
        folder_(storage_.folder) {}

  void run() {
    // A limit on the size of files is an error like a full disk, not the end of the process.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    for (bool finish = false; !finish;) {
      drain();
      std::unique_lock lock(mutex_);
      finish = wake_.wait_for(lock, kPoll, [this] { return finish_; });
    }
    end();
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    wake_.notify_all();
  }

  // What is in the ring is the last, after it what `lost` says.
  void finish(const std::optional<Record>& lost, const std::string& lost_bytes) {
    const std::lock_guard lock(mutex_);
    finish_ = true;
    if (lost) {
      last_ = lost;
      last_bytes_ = lost_bytes;
      last_->bytes = last_bytes_;
    }
    wake_.notify_all();
  }
  // False: not yet, though the time is over.
  bool wait_until(SteadyClock::time_point deadline) {
    std::unique_lock lock(mutex_);
    return wake_.wait_until(lock, deadline, [this] { return has_ended_; });
  }

  const Storage& storage() const { return storage_; }
  const Header& header() const { return header_; }

  RecordRing ring;

 private:
  void drain() {
    while (const auto* record = ring.front()) {
      if (block_.is_full() && !write_block()) {
        return;
      }
      append(*record);
      ring.pop();
    }
    if (!block_.is_empty() && SteadyClock::now() - block_begun_ >= storage_.flush_interval) {
      [[maybe_unused]] const bool is_written = write_block();
    }
    // Of a feed that has gone quiet; where a block is in hand, its writing sees to it.
    if (block_.is_empty() && file_ && is_old()) {
      end_segment();
    }
  }

  bool is_old() const {
    return storage_.file.empty() && SteadyClock::now() - segment_begun_ >= storage_.segment_age;
  }

  void append(const Record& record) {
    if (block_.is_empty()) {
      block_begun_ = SteadyClock::now();
    }
    block_.append(record);
  }

  // False: the block stays, and is tried again after a while.
  bool write_block() {
    const auto now = SteadyClock::now();
    if (now < retry_at_) {
      return false;
    }
    if (file_ && file_->is_deleted()) {
      file_.reset();
    }
    const auto before = file_ ? file_->bytes() : 0;
    auto written = file_ ? Status() : open_segment();
    if (written) {
      written = file_->write(block_);
    }
    if (!written) {
      stats_->write_errors.add();
      retry_at_ = now + kRetry;
      if (!std::exchange(told_error_, true)) {
        log::error("recording of " + header_.feed + ": " + written.error().message +
                   "; it is tried again each second");
      }
      return false;
    }
    if (std::exchange(told_error_, false)) {
      log::info("recording of " + header_.feed + ": goes on");
    }
    block_.clear();
    stats_->written_bytes.add(file_->bytes() - before);
    stats_->last_write_us.set(to_us(wall_now()));
    const bool is_large = storage_.file.empty() && file_->bytes() >= storage_.segment_bytes;
    if (is_large || is_old()) {
      end_segment();
    }
    return true;
  }

  Status open_segment() {
    auto path = storage_.file;
    if (path.empty()) {
      if (storage_.keep_bytes > 0) {
        folder_.delete_down_to(storage_.keep_bytes - storage_.segment_bytes);
      }
      auto next = folder_.next(block_.first_ns());
      if (!next) {
        return next.error();
      }
      path = std::move(next.value());
    }
    auto file = SegmentFile::create(path, header_);
    if (!file) {
      return file.error();
    }
    file_.emplace(std::move(file.value()));
    segment_begun_ = SteadyClock::now();
    return {};
  }

  // Without the mark of its end the segment is as good, but looks cut.
  void end_segment() {
    if (file_ && !file_->end()) {
      stats_->write_errors.add();
    }
    file_.reset();
  }

  // The last chance of what is still here.
  void end() {
    retry_at_ = {};
    drain();
    if (last_) {
      append(*last_);
    }
    if (!block_.is_empty() && !write_block()) {
      stats_->lost.add(block_.records());
    }
    while (ring.front() != nullptr) {
      stats_->lost.add();
      ring.pop();
    }
    end_segment();
  }

  // fixed after construction
  const Storage storage_;
  const Header header_;
  const std::shared_ptr<metrics::RecordingStats> stats_;
  const SegmentFolder folder_;

  std::optional<SegmentFile> file_;
  Block block_;
  SteadyClock::time_point block_begun_{};
  SteadyClock::time_point segment_begun_{};
  SteadyClock::time_point retry_at_{};
  bool told_error_ = false;

  // Guards what follows; held by the feed's thread only when the recording ends.
  std::mutex mutex_;
  std::condition_variable wake_;
  bool finish_ = false;
  bool has_ended_ = false;
  std::optional<Record> last_;
  std::string last_bytes_;
};

Recorder::Recorder(Storage storage, Header header, std::shared_ptr<metrics::RecordingStats> stats,
                   std::unique_ptr<Recorder> previous)
    : stats_(std::move(stats)),
      next_connection_(previous ? previous->next_connection_ : 0),
      thread_(std::make_shared<Thread>(std::move(storage), std::move(header), stats_)) {
  std::thread([thread = thread_, previous = std::move(previous)]() mutable {
    previous.reset();
    thread->run();
  }).detach();
}

Recorder::~Recorder() { stop(); }

std::int64_t Recorder::now_ns() {
  return std::chrono::nanoseconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

void Recorder::record(const Record& record) {
  auto& ring = thread_->ring;
  const auto told = lost_ > 0 ? std::to_string(lost_) : std::string();
  if (record.bytes.size() > kMaxMessage || !ring.has_room(2, told.size() + record.bytes.size())) {
    if (lost_++ == 0) {
      lost_ns_ = record.receive_ns;
    }
    stats_->dropped.add();
    return;
  }
  bool is_taken = true;
  if (std::exchange(lost_, 0) > 0) {
    is_taken = ring.push({lost_ns_, Kind::kLost, 0, told});
  }
  is_taken = is_taken && ring.push(record);
  TICKER_ASSERT(is_taken);
  stats_->messages.add();
  stats_->bytes.add(record.bytes.size());
}

void Recorder::begin_stop() {
  if (stop_by_) {
    return;
  }
  stop_by_ = SteadyClock::now() + kPatience;
  const auto count = std::to_string(lost_);
  thread_->finish(lost_ > 0 ? std::optional<Record>({lost_ns_, Kind::kLost, 0, {}}) : std::nullopt,
                  count);
}

void Recorder::stop() {
  if (std::exchange(is_stopped_, true)) {
    return;
  }
  begin_stop();
  if (!thread_->wait_until(*stop_by_)) {
    log::error("recording of " + header().feed + ": the disk does not take what is left of it");
  }
}

void Recorder::retire(std::unique_ptr<Recorder> recorder) {
  if (!recorder) {
    return;
  }
  std::thread([recorder = std::move(recorder)] { recorder->stop(); }).detach();
}

const Recorder::Storage& Recorder::storage() const { return thread_->storage(); }
const Header& Recorder::header() const { return thread_->header(); }

}  // namespace ticker::recording
