// How fast an adapter turns a venue's messages into versions of a MarketState, against the twin
// that no decoder can beat: a bare pass of the parser over the same bytes. Reads a recording's
// lines, `RECV_NS MESSAGE`:
//   zcat binance_usdm_btcusdt_20240808.raw.gz | taskset -c 1 feed_bench binance-usdm '@bookTicker'
//   '@trade'
// Only messages that hold one of the texts count; none given: all.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <rapidjson/reader.h>

#include <ticker/base/ids.hpp>
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
    return known != ids_.end() ? known->second : add(std::string(native));
  }
  void ticker(const market::Update& update) override { state_.apply(update); }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    state_.apply(trade, sets);
  }
  void notice(const Notice&) override {}
  void rejected(Rejected) override { ++rejected_; }
  void skipped(Skipped) override {}

  void publish() { changes_ += state_.take_batch().changes.size(); }
  std::size_t changes() const { return changes_; }
  std::size_t rejected() const { return rejected_; }

 private:
  market::InstrumentId add(const std::string& native) {
    const auto id = state_.add({"bench:" + native, "bench", native, native, ""});
    ids_.emplace(native, id);
    return id;
  }

  market::MarketState state_{"bench"};
  std::unordered_map<std::string, market::InstrumentId, StringHash, std::equal_to<>> ids_;
  std::size_t changes_ = 0;
  std::size_t rejected_ = 0;
};

// The messages one behind the other, a byte of room behind each.
struct Tape {
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> messages;  // where each begins, its size
};

Tape read_tape(std::istream& lines, const std::vector<std::string_view>& wanted) {
  Tape tape;
  for (std::string line; std::getline(lines, line);) {
    const auto message = std::string_view(line).substr(line.find(' ') + 1);
    const auto holds = [&](std::string_view text) {
      return message.find(text) != std::string_view::npos;
    };
    if (wanted.empty() || std::ranges::any_of(wanted, holds)) {
      tape.messages.emplace_back(tape.text.size(), message.size());
      tape.text.append(message).push_back('\n');
    }
  }
  return tape;
}

// Of the messages of one socket read.
constexpr std::size_t kMessagesPerBatch = 64;
constexpr int kRounds = 25;

// Messages a second of one round, which gets fresh bytes.
template <typename Round>
double rate(const Tape& tape, Round&& round) {
  std::string text = tape.text;
  const auto begin = std::chrono::steady_clock::now();
  round(text, tape);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return static_cast<double>(tape.messages.size()) / took.count();
}

void bare_pass(std::string& text, const Tape& tape) {
  constexpr unsigned kFlags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::BaseReaderHandler<> nothing;
  for (const auto& [begin, size] : tape.messages) {
    text[begin + size] = '\0';
    rapidjson::InsituStringStream stream(text.data() + begin);
    rapidjson::Reader().Parse<kFlags>(stream, nothing);
  }
}

int run(std::string_view kind, const std::vector<std::string_view>& wanted) {
  const auto made = make_adapter(kind, {.trades = ""});
  if (!made) {
    std::fprintf(stderr, "%s\n", made.error().message.c_str());
    return 2;
  }
  const auto tape = read_tape(std::cin, wanted);
  if (tape.messages.empty()) {
    std::fprintf(stderr, "no such message in the input\n");
    return 2;
  }
  StateSink sink;
  const auto decode = [&](std::string& text, const Tape& all) {
    made.value()->reset();
    std::size_t in_batch = 0;
    for (const auto& [begin, size] : all.messages) {
      made.value()->decode(text.data() + begin, size, from_us(1'700'000'000'000'000), sink);
      if (++in_batch % kMessagesPerBatch == 0) {
        sink.publish();
      }
    }
  };
  // The best of rounds in turn: what else runs on the machine slows both.
  double bare = 0;
  double decoded = 0;
  for (int i = 0; i < kRounds; ++i) {
    bare = std::max(bare, rate(tape, bare_pass));
    decoded = std::max(decoded, rate(tape, decode));
  }
  std::printf(
      "%.*s: %zu messages, %zu bytes each; bare pass %.3f M/s, to the state %.3f M/s: %.3f of it "
      "(%zu changes, %zu refused)\n",
      static_cast<int>(kind.size()), kind.data(), tape.messages.size(),
      tape.text.size() / tape.messages.size(), bare / 1e6, decoded / 1e6, decoded / bare,
      sink.changes(), sink.rejected());
  return 0;
}

}  // namespace
}  // namespace ticker::feed

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return argc < 2 ? 2 : ticker::feed::run(argv[1], {argv + 2, argv + argc});
}
