#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/hub/connection.hpp>

namespace ticker::hub {

class ScriptedConnection;

// How a write was answered, as a test tells it; the hub sees no difference between the first two.
enum class Answer : std::uint8_t {
  kDone,
  kDoneButHeld,  // said before the kernel was asked, which then took a part at most
  kKept,
  kBlocked,
  kClosed,
};
inline constexpr std::size_t kAnswers = 5;
// By an answer and the one that followed it on the same connection: how often.
using AnswerPairs = std::array<std::array<std::size_t, kAnswers>, kAnswers>;

// All connections of a test. Slices are read at the end of a batch only, as a kernel that takes a
// flush at once would.
class ScriptedSockets final : public Sockets {
 public:
  void begin_batch() override { in_batch_ = true; }
  void end_batch() override;
  bool in_batch() const { return in_batch_; }
  void wrote(ScriptedConnection& connection) { batch_.push_back(&connection); }
  std::size_t batches() const { return batches_; }
  void answered(Answer before, Answer now) {
    ++answers_[static_cast<std::size_t>(before)][static_cast<std::size_t>(now)];
  }
  const AnswerPairs& answers() const { return answers_; }

 private:
  bool in_batch_ = false;
  std::size_t batches_ = 0;
  std::vector<ScriptedConnection*> batch_;
  AnswerPairs answers_{};
};

// A client's socket that takes, keeps or refuses frames as the test says.
class ScriptedConnection final : public Connection {
 public:
  explicit ScriptedConnection(ScriptedSockets& sockets) : sockets_(sockets) {}

  // How many more frames the kernel takes whole; the one after them is answered by `last`:
  // kDoneButHeld, kKept or kBlocked; and then all are refused until drain().
  void take_only(std::size_t frames, Answer last = Answer::kKept) {
    room_ = frames;
    limited_ = true;
    last_ = last;
  }
  // The kernel has room again. The test tells the hub, if wants_writable().
  void drain() {
    blocked_ = false;
    limited_ = false;
    if (!kept_.empty()) {
      received_.push_back(std::exchange(kept_, {}));
    }
  }
  // Room for so many more frames only.
  void drain(std::size_t frames, Answer last = Answer::kKept) {
    drain();
    take_only(frames, last);
  }
  // The socket broke; the hub has not heard of it.
  void cut() { cut_ = true; }
  bool is_cut() const { return cut_; }
  bool blocked() const { return blocked_; }
  // True once for each time the hub was told that its frame was kept or refused.
  bool take_wants_writable() { return std::exchange(wants_writable_, false); }

  // What arrived, oldest first.
  std::vector<std::string> take_received() { return std::exchange(received_, {}); }
  const std::vector<std::string>& received() const { return received_; }
  std::uint16_t close_code() const { return close_code_; }
  bool paused() const { return paused_; }
  std::size_t pings() const { return pings_; }
  std::size_t held() const { return kept_.size(); }
  // As if the kernel had taken a part of what is held.
  void progress(std::uint64_t bytes) { accepted_ += bytes; }
  // A part of a message came, or of its header.
  void receive(std::uint64_t bytes) { came_ += bytes; }

  WriteResult write(const Slice* slices, std::size_t count) override {
    const Answer answer = answer_next();
    sockets_.answered(std::exchange(answered_, answer), answer);
    switch (answer) {
      case Answer::kClosed:
        return WriteResult::kClosed;
      case Answer::kBlocked:
        blocked_ = blocked_ || limited_;
        wants_writable_ = true;
        return WriteResult::kBlocked;
      default:
        break;
    }
    const bool keep = answer != Answer::kDone;
    room_ -= room_ > 0 ? 1 : 0;
    if (sockets_.in_batch()) {
      written_in_batch_ = true;
      keep_pending_ = keep;
      pending_.assign(slices, slices + count);
      sockets_.wrote(*this);
    } else {
      deliver(slices, count, keep);
    }
    blocked_ = keep;
    wants_writable_ = wants_writable_ || answer == Answer::kKept;
    return answer == Answer::kKept ? WriteResult::kKept : WriteResult::kDone;
  }
  // Tokens that are good, and what they give; any other is denied.
  std::map<std::string, Authentication, std::less<>> tokens;
  Authentication authenticate(std::string_view token) override {
    const auto found = tokens.find(token);
    return found == tokens.end() ? Denial{"the token's signature is wrong"} : found->second;
  }
  // What replays to it; nullptr: nothing does.
  Replayer* replays = nullptr;
  Replayer* replayer() override { return replays; }
  void ping() override { ++pings_; }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override { paused_ = false; }
  void close(std::uint16_t code, std::string_view /*reason*/) override { close_code_ = code; }
  std::size_t held_bytes() const override { return kept_.size(); }
  std::uint64_t accepted_bytes() const override { return accepted_; }
  std::uint64_t received_bytes() const override { return came_; }

 private:
  friend class ScriptedSockets;
  Answer answer_next() const {
    if (cut_ || close_code_ != 0) {
      return Answer::kClosed;
    }
    if (blocked_ || written_in_batch_) {
      return Answer::kBlocked;
    }
    return limited_ && room_ == 0 ? last_ : Answer::kDone;
  }
  void end_batch() {
    deliver(pending_.data(), pending_.size(), std::exchange(keep_pending_, false));
    written_in_batch_ = false;
  }
  void deliver(const Slice* slices, std::size_t count, bool keep) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text.append(slices[i].data, slices[i].size);
    }
    if (keep) {
      kept_ = std::move(text);
    } else {
      accepted_ += text.size();
      received_.push_back(std::move(text));
    }
  }

  ScriptedSockets& sockets_;
  bool limited_ = false;
  Answer last_ = Answer::kKept;
  Answer answered_ = Answer::kDone;
  bool cut_ = false;
  std::size_t room_ = 0;
  bool blocked_ = false;
  bool wants_writable_ = false;
  bool written_in_batch_ = false;
  bool keep_pending_ = false;
  std::vector<Slice> pending_;
  std::string kept_;
  std::vector<std::string> received_;
  std::uint64_t accepted_ = 0;
  std::uint64_t came_ = 0;
  std::uint16_t close_code_ = 0;
  bool paused_ = false;
  std::size_t pings_ = 0;
};

inline void ScriptedSockets::end_batch() {
  for (ScriptedConnection* connection : batch_) {
    connection->end_batch();
  }
  batch_.clear();
  in_batch_ = false;
  ++batches_;
}

}  // namespace ticker::hub
