#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ticker/base/ids.hpp>
#include <ticker/venue_sim/connection_faults.hpp>
#include <ticker/venue_sim/faults.hpp>
#include <ticker/venue_sim/protocol.hpp>
#include <ticker/venue_sim/timeline.hpp>

namespace ticker::venue_sim {

// One client's connection to the simulated venue: what is sent on it, and in which order. Pure:
// sockets and clocks are its owner's, who asks next() for as long as the socket takes bytes.
class Session final : private Peer {
 public:
  // One thing to do on the connection. `text` is valid until the next call of any member.
  struct Step {
    enum class Kind {
      kSend,
      kSendHalf,  // this text's frame, as far as its middle
      kCut,       // without a close frame
      kReset,     // the same with a TCP reset
      kClose,     // with `code`
      kHush,      // no pongs any more either
    };
    Kind kind = Kind::kSend;
    std::string_view text;
    std::uint16_t code = 1000;
  };
  // Of one connection; the venues' own limits are about as high.
  static constexpr std::size_t kMaxSubscriptions = 4096;
  static constexpr std::chrono::seconds kPlannedCloseGrace{5};

  // `tape`, `timeline` and `faults` are the venue's and outlive the session. Its owner starts the
  // timeline. `beat`: between two heartbeats or pings; 0: the venue's own.
  Session(std::unique_ptr<Protocol> protocol, const Tape& tape, Timeline& timeline, Faults& faults,
          std::chrono::milliseconds beat = std::chrono::milliseconds(0));

  void opened(std::string_view target, Timestamp now);
  void request(std::string_view text, Timestamp now);
  // The client sent a ping or a pong, which counts in the venue's limit.
  void control_frame(Timestamp now);
  // Heartbeats and closes that are due by now; asked for next() again, it goes on from there.
  void tick(Timestamp now);
  // The next thing to do; nullopt: nothing now. Asked again without sent(), it answers the same.
  std::optional<Step> next(Timestamp now);
  // The step that next() gave has been done.
  void sent(Timestamp now);

  // When tick() or, after it, next() has something to do; nullopt: nothing to come.
  std::optional<Timestamp> next_tick() const;
  // 0: it sends no pings.
  std::chrono::milliseconds ping_interval() const { return paced(protocol_->ping_interval()); }
  bool subscribed() const { return !topics_.empty(); }
  bool hushed() const { return silent_; }
  // Everything that the timeline has released for it is sent.
  bool caught_up() const {
    return (cursor_ >= timeline_.position() && outbox_.empty() && delayed_.empty()) || silent_;
  }

 private:
  struct Item {
    Step::Kind kind = Step::Kind::kSend;
    std::string text;
    std::uint16_t code = 1000;
    bool recorded = false;
  };
  // A fault of the kind kDelay at work.
  struct Delay {
    const Fault* fault;
    Timestamp until;
  };
  struct Delayed {
    Item item;
    Timestamp until;
  };
  struct Overtaken {
    Item item;
    const Fault* fault;
    std::size_t places;  // messages that still go before it
  };

  // Peer
  void reply(std::string message) override;
  void subscribe(std::string_view topic, bool initial) override;
  void unsubscribe(std::string_view topic) override;
  std::vector<std::string> subscriptions() const override;
  bool refuses(std::string_view symbol) const override { return faults_.refuses(symbol); }
  bool checks_path() const override { return faults_.has(Fault::Kind::kWrongPath); }
  std::string_view next_recorded() const override;
  std::string_view first_recorded(std::string_view topic) const override;

  bool may_send(Timestamp now);
  void close(std::uint16_t code, std::string_view reason);
  void add_initial_state();
  void add_merged_state(std::string_view topic, std::size_t end);
  bool covers(std::size_t position) const;
  Item recorded(std::size_t position) const;
  // A recorded message comes up for this client.
  void play(std::size_t position, Timestamp now);
  void overtake(const std::vector<std::string>& topics);
  void begin_delay(const Fault& fault, Timestamp now);
  void release_delayed(Timestamp now);
  std::optional<Timestamp> next_beat() const;
  // Of what the venue sends at this interval, or not at all (0).
  std::chrono::milliseconds paced(std::chrono::milliseconds interval) const;
  void strike(const Fault& fault, Timestamp now);
  void announce_close(Timestamp now);
  void queue_garbage();

  const std::unique_ptr<Protocol> protocol_;
  const Tape& tape_;
  Timeline& timeline_;
  Faults& faults_;
  ConnectionFaults striking_;
  const std::chrono::milliseconds beat_;

  // A topic is served from the position at which it was subscribed.
  std::unordered_map<std::string, std::size_t, StringHash, std::equal_to<>> topics_;
  std::vector<std::string> initial_;  // topics whose initial state follows the replies in hand
  std::deque<Item>
      outbox_;  // goes before the tape; filled by requests, which are not read while it waits
  std::size_t cursor_ = 0;  // the next position to look at
  std::size_t sent_recorded_ = 0;
  std::deque<Timestamp> requests_;  // within the venue's window, one more than it allows at most
  std::vector<Item>
      late_;  // acknowledgements held back by the fault, until a recorded message is sent
  bool is_closing_ = false;
  bool silent_ = false;
  std::vector<Delay> delays_;    // one a fault
  std::deque<Delayed> delayed_;  // each until the end of one of them; at kMax the tape waits
  std::vector<Overtaken> overtaken_;
  Timestamp opened_ = kNoTime;
  Timestamp last_sent_ = kNoTime;
  Timestamp last_beat_ = kNoTime;
  std::optional<Timestamp> close_at_;
};

}  // namespace ticker::venue_sim
