// How fast an adapter turns a venue's messages into versions of a MarketState, against the twin
// that no decoder was thought to beat: a bare pass of RapidJSON over the same bytes. Reads the
// lines of a recording, `RECV_NS MESSAGE`:
//   zcat FILE.raw.gz | taskset -c 1 build/release/bin/feed_bench binance-usdm @bookTicker @trade
// Only messages that hold one of the texts count; none given: all.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <iostream>
#include <optional>
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
  std::size_t once = 0;  // so many messages; then they begin anew
};

// A short tape is repeated, to last for as long as a clock needs.
constexpr std::size_t kLeastMessages = 20'000;

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
  tape.once = tape.messages.size();
  const Tape once = tape;
  while (!once.messages.empty() && tape.messages.size() < kLeastMessages) {
    for (const auto& [begin, size] : once.messages) {
      tape.messages.emplace_back(tape.text.size(), size);
      tape.text.append(once.text, begin, size).push_back('\n');
    }
  }
  return tape;
}

// Of the messages of one socket read.
constexpr std::size_t kMessagesPerBatch = 64;
constexpr int kRounds = 25;

// Messages a second of one round, which gets fresh bytes; of the processor's time, so that what
// else runs on the machine does not count.
template <typename Round>
double rate(const Tape& tape, Round&& round) {
  std::string text = tape.text;
  const auto begin = std::clock();
  round(text, tape);
  const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  return static_cast<double>(tape.messages.size()) / std::max(took, 1e-6);
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
    for (std::size_t i = 0; i < all.messages.size(); ++i) {
      if (i % all.once == 0) {
        made.value()->reset();
      }
      const auto [begin, size] = all.messages[i];
      made.value()->decode(text.data() + begin, size, from_us(1'700'000'000'000'000), sink);
      if (i % kMessagesPerBatch == 0) {
        sink.publish();
      }
    }
  };
  // The best of rounds in turn: a busy machine's caches slow both.
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
