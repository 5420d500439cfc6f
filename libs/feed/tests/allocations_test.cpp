// No allocation in the steady state: what each adapter decodes, and its way into the state.

#include <ticker/feed/adapter.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <ticker/market/market_state.hpp>

#include "event_log.hpp"
#include "message_bytes.hpp"
#include "venue_samples.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Counts what this program allocates. Not inlined: GCC would then see malloc's memory deleted.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace ticker::feed {
namespace {

TEST(Adapters, AllocateNothingOnceAllIsKnown) {
  for (const auto& [kind, messages] : samples()) {
    const auto adapter = std::move(make_adapter(kind, options_of(kind)).value());
    CountingSink sink;
    for (int round = 0; round < 4; ++round) {
      std::vector<MessageBytes> copies(messages.begin(), messages.end());
      adapter->reset();
      const auto before = allocations.load();
      for (auto& copy : copies) {
        // So late that no trade is known again but by its number.
        adapter->decode(copy.data(), copy.size(), from_us(0) + round * std::chrono::minutes(1), sink);
      }
      if (round > 0) {
        EXPECT_EQ(allocations.load() - before, 0U) << kind;
      }
    }
    EXPECT_GE(sink.events, 5U) << kind;
  }
}

// All on one instrument.
class StateSink final : public Sink {
 public:
  StateSink() { state_.add({"a:B", "a", "B", "B", ""}); }

  std::optional<market::InstrumentId> find(std::string_view) override { return 0; }
  void ticker(const market::Update& update) override { state_.apply(update); }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    state_.apply(trade, sets);
  }
  void notice(const Notice&) override {}
  void rejected(Rejected) override {}
  void skipped(Skipped) override {}

  market::Batch take_batch() { return state_.take_batch(); }

 private:
  market::MarketState state_{"0123456789abcdef"};
};

TEST(Adapters, AllocateNothingForAMessageOnTheWayIntoTheStateAndAFixedCountForABatch) {
  // Its epoch, changes, values and trades.
  constexpr std::size_t kOfABatch = 4;
  constexpr int kMessages = 100;
  const auto adapter = std::move(make_adapter("binance-usdm", {}).value());
  StateSink sink;
  for (int round = 0; round < 4; ++round) {
    std::vector<std::string> messages;
    for (int i = 0; i < kMessages; ++i) {
      const auto id = std::to_string(round * kMessages + i + 1);
      messages.push_back(
          i % 2 == 0
              ? R"({"stream":"a@bookTicker","data":{"e":"bookTicker","u":)" + id +
                    R"(,"s":"B","b":")" + id + R"(","B":"1","a":"2","A":")" + id + "\"}}"
              : R"({"stream":"a@trade","data":{"e":"trade","T":1,"s":"B","t":)" + id +
                    R"(,"p":")" + id + R"(","q":"0.1","X":"MARKET","m":false}})");
    }
    const auto before = allocations.load();
    for (auto& message : messages) {
      adapter->decode(message.data(), message.size(), kNoTime, sink);
    }
    const auto decoded = allocations.load();
    const auto batch = sink.take_batch();
    const auto taken = allocations.load();
    EXPECT_EQ(batch.changes.size(), std::size_t{kMessages});
    if (round > 0) {
      EXPECT_EQ(decoded - before, 0U);
      EXPECT_EQ(taken - decoded, kOfABatch);
    }
  }
}

}  // namespace
}  // namespace ticker::feed
