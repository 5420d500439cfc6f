// How fast an adapter turns a venue's messages into versions of a MarketState, and the twin that no
// decoder was thought to beat: a bare pass of RapidJSON over the same bytes.
//   feed_bench state binance-usdm TAPE…      or      feed_bench bare TAPE…
// A tape has the lines of a recording, `RECV_NS MESSAGE`. Then each line `pass TAPE COUNT` on the
// standard input (the first tape is 0) is so many times over it, and one line of JSON; who asks has
// the clock. Both copy each message before they decode it in its place: tests/load/bench.sh ingest.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <rapidjson/reader.h>

#include <ticker/base/name_index.hpp>
#include <ticker/feed/adapter.hpp>
#include <ticker/market/market_state.hpp>

namespace ticker::feed {
namespace {

// What a feed does with what its adapter gives it. Every instrument that the tape speaks of is
// known.
class StateSink final : public Sink {
 public:
  std::optional<market::InstrumentId> find(std::string_view native) override {
    const auto known = ids_.find(native);
    return known ? known : add(std::string(native));
  }
  void ticker(const market::Update& update) override {
    state_.apply(update);
    ++entries_;
  }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    state_.apply(trade, sets);
    ++entries_;
  }
  void notice(const Notice&) override {}
  void rejected(Rejected) override { ++rejected_; }
  void skipped(Skipped) override {}

  void publish() { changes_ += state_.take_batch().changes.size(); }
  // Quotes and trades that were decoded; changes of the state that came of them.
  std::size_t entries() const { return entries_; }
  std::size_t changes() const { return changes_; }
  std::size_t rejected() const { return rejected_; }

 private:
  market::InstrumentId add(const std::string& native) {
    const auto id = state_.add({"bench:" + native, "bench", native, native, ""});
    ids_.emplace(native, id);
    return id;
  }

  market::MarketState state_{"bench"};
  NameIndex ids_;
  std::size_t entries_ = 0;
  std::size_t changes_ = 0;
  std::size_t rejected_ = 0;
};

// The messages of a recording, one behind the other.
struct Tape {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> messages;  // where each begins, its size
  std::size_t longest = 0;
};

std::optional<Tape> read_tape(const char* path) {
  std::ifstream lines(path);
  Tape tape;
  for (std::string line; std::getline(lines, line);) {
    const auto message = std::string_view(line).substr(line.find(' ') + 1);
    tape.messages.emplace_back(tape.text.size(), message.size());
    tape.text.append(message);
    tape.longest = std::max(tape.longest, message.size());
  }
  return tape.messages.empty() ? std::nullopt : std::optional(std::move(tape));
}

// Calls decode(copy, size) for each message; its copy has room for a byte more.
template <typename Decode>
void pass(const Tape& tape, Decode&& decode) {
  std::string copy(tape.longest + 1, '\0');
  for (const auto& [begin, size] : tape.messages) {
    std::memcpy(copy.data(), tape.text.data() + begin, size);
    decode(copy.data(), size);
  }
}

// One of the twins; the answer to a `pass`.
class Decoder {
 public:
  virtual ~Decoder() = default;
  virtual std::string over(const Tape& tape, int passes) = 0;
};

class Bare final : public Decoder {
 public:
  std::string over(const Tape& tape, int passes) override {
    constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
    rapidjson::BaseReaderHandler<> nothing;
    std::size_t refused = 0;
    for (int i = 0; i < passes; ++i) {
      pass(tape, [&](char* text, std::size_t size) {
        text[size] = '\0';
        rapidjson::InsituStringStream stream(text);
        refused += rapidjson::Reader().Parse<kFlags>(stream, nothing) ? 0U : 1U;
      });
    }
    return "{\"refused\":" + std::to_string(refused) + '}';
  }
};

const Adapter::Options kOptions{.trades = ""};

class ToState final : public Decoder {
 public:
  explicit ToState(std::string_view kind) : kind_(kind) {}

  std::string over(const Tape& tape, int passes) override {
    // Of the messages of one socket read.
    constexpr std::size_t kMessagesPerBatch = 64;
    constexpr auto kReceived = from_us(1'700'000'000'000'000);
    StateSink sink;
    std::size_t gathered = 0;
    for (int i = 0; i < passes; ++i) {
      // One that has seen the tape would know its trades again.
      const auto adapter = std::move(make_adapter(kind_, kOptions).value());
      pass(tape, [&](char* text, std::size_t size) {
        adapter->decode(text, size, kReceived, sink);
        if (++gathered % kMessagesPerBatch == 0) {
          sink.publish();
        }
      });
    }
    sink.publish();
    return "{\"refused\":" + std::to_string(sink.rejected()) +
           ",\"entries\":" + std::to_string(sink.entries()) +
           ",\"changes\":" + std::to_string(sink.changes()) + '}';
  }

 private:
  const std::string_view kind_;
};

int answer(Decoder& decoder, const std::vector<const char*>& paths) {
  std::vector<Tape> tapes;
  for (const auto* const path : paths) {
    auto tape = read_tape(path);
    if (!tape) {
      std::fprintf(stderr, "no message in %s\n", path);
      return 2;
    }
    tapes.push_back(std::move(*tape));
  }
  std::printf("ready\n");
  std::fflush(stdout);
  std::string command;
  std::size_t tape = 0;
  int passes = 0;
  while (std::cin >> command >> tape >> passes && command == "pass" && tape < tapes.size()) {
    std::printf("passed %s\n", decoder.over(tapes[tape], passes).c_str());
    std::fflush(stdout);
  }
  return 0;
}

int run(const std::vector<const char*>& arguments) {
  if (arguments.size() >= 2 && arguments[0] == std::string_view("bare")) {
    Bare bare;
    return answer(bare, {arguments.begin() + 1, arguments.end()});
  }
  if (arguments.size() < 3 || arguments[0] != std::string_view("state")) {
    std::fprintf(stderr, "usage: feed_bench (bare | state ADAPTER) TAPE…\n");
    return 2;
  }
  if (const auto made = make_adapter(arguments[1], kOptions); !made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    return 2;
  }
  ToState to_state(arguments[1]);
  return answer(to_state, {arguments.begin() + 2, arguments.end()});
}

}  // namespace
}  // namespace ticker::feed

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return ticker::feed::run({argv + 1, argv + argc});
}
