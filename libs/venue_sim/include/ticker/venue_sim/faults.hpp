#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/base/result.hpp>

namespace ticker::venue_sim {

// What goes wrong on purpose, and at which messages. Counts are of one connection: of the recorded
// messages that its client has subscribed to and the fault covers, sent or not, initial state not
// counted. So one script does the same to the same messages each time.
struct Fault {
  enum class Kind {
    // What becomes of the connection, as soon as the count is reached:
    kDisconnect,    // the socket is cut, without a close frame
    kReset,         // the same with a TCP reset
    kClose,         // closed with `code`
    kPlannedClose,  // the venue's notice (if it has one), and 1001 five seconds later
    kSilent,        // nothing any more: no data, heartbeats, pings, pongs; the socket stays
    kHalfFrame,     // the next message's frame as far as its middle; then silent
    kTruncate,      // the same; then the socket is cut
    kGarbage,       // a text that is no JSON, half of a recorded message, and brackets 10,000 deep
    kOversized,     // a message above what a consumer can be expected to take (32 MiB)
    // What becomes of `messages`, from the next one that it covers on:
    kGap,        // not sent
    kDuplicate,  // sent twice
    kReorder,    // sent after `places` later ones
    kDelay,      // held for `by`, and with it what else it covers and comes meanwhile
    kClockSkew,  // the venue's times in it are `by` later
    // These hold all the time:
    kRefuse,        // the venue does not have `symbol`, and says so in its way
    kLateAcks,      // acknowledgements come after the first recorded message
    kNoHeartbeats,  // data goes on, heartbeats and pings do not come
    kWrongPath,     // streams of another path are acknowledged and silent (binance-usdm)
  };
  static constexpr std::size_t kAll = 0;  // of `messages`: all that follow

  Kind kind;
  std::size_t after = 0;  // strikes when so many messages have come up
  std::uint16_t code = 1001;
  std::string symbol = {};   // covers only its messages, as the venue writes it; empty: all
  std::string channel = {};  // the same of a channel
  std::chrono::milliseconds from{0};  // of the recording: messages before do not count
  std::size_t every = 0;              // strikes again after so many more; 0: once a connection
  std::size_t times = 1;              // strikes on all connections together; 0: no limit
  double probability = 0;             // that a message from `after` on is struck; 0: by count alone
  std::size_t messages = 1;
  std::size_t places = 1;
  std::chrono::milliseconds by{0};

  bool covers(const std::vector<std::string>& topics) const;
  bool holds() const { return kind >= Kind::kRefuse; }
  bool is_of_messages() const { return kind >= Kind::kGap && !holds(); }
};

// How a fault is named in text, and which of its numbers may be said.
struct FaultForm {
  enum class Argument { kNone, kCode, kMessages, kPlaces, kDelay, kShift };

  std::string name;
  Fault fault;  // all but what was said
  Argument argument = Argument::kNone;
};
const std::vector<FaultForm>& fault_forms();

// `disconnect:1000`, `close:20:4004`, `refuse:SYMBOL`, `late-acks`; an error names what there is.
Result<Fault> parse_fault(std::string_view text);

// The faults of one venue, and how often they have struck.
class Faults {
 public:
  // `seed`: of what probabilities decide.
  explicit Faults(std::vector<Fault> faults = {}, std::uint64_t seed = 0);

  bool refuses(std::string_view symbol) const;
  // Of those that hold all the time.
  bool has(Fault::Kind kind) const;

  // Those that strike.
  const std::vector<Fault>& striking() const { return striking_; }
  // By their place among them:
  bool may_strike(std::size_t fault) const;
  void struck(std::size_t fault) { ++strikes_[fault]; }
  // Whether chance chooses the tape's message at `position`: always the same ones for a seed.
  bool is_chosen(std::size_t fault, std::size_t position) const;

 private:
  std::vector<Fault> striking_;
  std::vector<std::size_t> strikes_;
  std::vector<Fault> holding_;
  std::uint64_t seed_;
};

}  // namespace ticker::venue_sim
