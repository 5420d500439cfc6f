// What the hub itself costs: batches and turns in made-up time, to sockets that take everything. Each
// copies its frames to memory of its own, so that the caches are as cold as a kernel leaves them.
// Built by name only. Instructions, which a busy machine does not spoil: valgrind --tool=callgrind.
//   hub_fan_out [CLIENTS] [INSTRUMENTS each, of 500] [INTERVAL_MS] [CHANGES a second] [SECONDS]
#include <time.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <ticker/hub/hub.hpp>

namespace ticker::hub {
namespace {

using std::chrono::microseconds;

constexpr std::size_t kInstruments = 500;
constexpr microseconds kStep{500};  // a batch each

// Of this thread: what else runs on the machine takes none of it, but for what it evicts.
std::chrono::nanoseconds cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

class NoSockets final : public Sockets {
 public:
  void begin_batch() override {}
  void end_batch() override {}
};

struct Taken {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
};

class NoConnection final : public Connection {
 public:
  explicit NoConnection(Taken& taken) : taken_(taken) {}
  WriteResult write(const Slice* slices, std::size_t count) override {
    ++taken_.frames;
    for (std::size_t i = 0; i < count; ++i) {
      taken_.bytes += slices[i].size;
      std::copy_n(slices[i].data, std::min(slices[i].size, buffer_.size()), buffer_.data());
    }
    return WriteResult::kDone;
  }
  void ping() override {}
  void pause_reading() override {}
  void resume_reading() override {}
  void close(std::uint16_t, std::string_view) override {}
  std::size_t held_bytes() const override { return 0; }
  std::uint64_t accepted_bytes() const override { return taken_.bytes; }
  std::uint64_t received_bytes() const override { return 0; }

 private:
  Taken& taken_;
  std::array<char, 8192> buffer_;
};

std::string symbol(std::size_t instrument) { return "b:I" + std::to_string(1000 + instrument) + "-USD"; }

// Every change changes all four, as a venue's best bid and offer does.
void change(market::MarketState& market, std::size_t instrument, std::uint64_t number, Timestamp now) {
  market::Update update;
  update.instrument = static_cast<market::InstrumentId>(instrument);
  update.receive_time = now;
  const bool odd = number / kInstruments % 2 == 1;
  const auto value = [](const std::string& text) { return *market::Decimal::from_text(text); };
  update.values.set(market::Field::kBid, value(odd ? "61800.21" : "61800.20"));
  update.values.set(market::Field::kBidSize, value(std::to_string(1'700'000'000'000'000'000 + number)));
  update.values.set(market::Field::kAsk, value(odd ? "61800.31" : "61800.30"));
  update.values.set(market::Field::kAskSize, value(odd ? "0.007" : "0.006"));
  market.apply(update);
}

class FanOut {
 public:
  FanOut(std::size_t clients, std::size_t each, std::uint32_t interval_ms) : market_("e") {
    for (std::size_t instrument = 0; instrument < kInstruments; ++instrument) {
      market::Instrument made;
      made.symbol = symbol(instrument);
      market_.add(made);
      change(market_, instrument, instrument, now_);
    }
    market::MarketState replica("e");
    (void)replica.apply(market_.take_batch());
    hub_ = std::make_unique<Hub>(std::move(replica), sockets_, HubOptions());
    hub_->advance(now_);
    std::mt19937 random(20261122);
    std::vector<std::size_t> all(kInstruments);
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = i;
    }
    for (std::size_t client = 0; client < clients; ++client) {
      connections_.push_back(std::make_unique<NoConnection>(taken_));
      Session* session = hub_->open(*connections_.back(), {client, std::nullopt, nullptr}, now_);
      std::shuffle(all.begin(), all.end(), random);
      std::string request = R"({"op":"subscribe","fields":["bid","bid_size","ask","ask_size"],"interval_ms":)" +
                            std::to_string(interval_ms) + R"(,"symbols":[)";
      for (std::size_t i = 0; i < each; ++i) {
        request += (i == 0 ? "\"" : ",\"") + symbol(all[i]) + '"';
      }
      hub_->on_message(session, request + "]}", now_);
    }
  }

  void run(double rate, double seconds) {
    const auto steps = static_cast<std::uint64_t>(seconds * 1e6 / static_cast<double>(kStep.count()));
    for (std::uint64_t step = 0; step < steps; ++step) {
      now_ += kStep;
      owed_ += rate * static_cast<double>(kStep.count()) / 1e6;
      for (; owed_ >= 1; owed_ -= 1) {
        ++changes_;
        change(market_, changes_ * 7 % kInstruments, changes_, now_);
      }
      const auto batch = market_.take_batch();
      const auto began = cpu_time();
      (void)hub_->apply(batch, now_);
      const auto applied = cpu_time();
      if (const auto next = hub_->next_deadline(); next && *next <= now_) {
        hub_->advance(now_);
      }
      applying_ += applied - began;
      advancing_ += cpu_time() - applied;
    }
  }

  void reset() {
    applying_ = advancing_ = {};
    taken_ = {};
    changes_ = 0;
    updates_before_ = hub_->stats().updates.value();
  }

  void report() const {
    const auto updates = static_cast<double>(hub_->stats().updates.value() - updates_before_);
    const auto frames = static_cast<double>(taken_.frames);
    const auto ns = [](std::chrono::nanoseconds time) { return static_cast<double>(time.count()); };
    std::printf("%.0f changes, %.0f frames, %.1f entries and %.0f bytes each\n", static_cast<double>(changes_), frames,
                updates / frames, static_cast<double>(taken_.bytes) / frames);
    std::printf("ns: %.0f a frame, %.1f an update; taking batches %.0f a change\n",
                ns(applying_ + advancing_) / frames, ns(applying_ + advancing_) / updates,
                ns(applying_) / static_cast<double>(changes_));
  }

 private:
  Timestamp now_ = Timestamp(std::chrono::hours(500'000));
  NoSockets sockets_;
  Taken taken_;
  market::MarketState market_;
  std::unique_ptr<Hub> hub_;
  std::vector<std::unique_ptr<NoConnection>> connections_;
  double owed_ = 0;
  std::uint64_t changes_ = 0;
  std::uint64_t updates_before_ = 0;
  std::chrono::nanoseconds applying_{};
  std::chrono::nanoseconds advancing_{};
};

}  // namespace
}  // namespace ticker::hub

int main(int argc, char** argv) {
  const auto number = [&](int index, double otherwise) { return argc > index ? std::atof(argv[index]) : otherwise; };
  ticker::hub::FanOut bench(static_cast<std::size_t>(number(1, 1000)), static_cast<std::size_t>(number(2, 20)),
                            static_cast<std::uint32_t>(number(3, 50)));
  bench.run(number(4, 20'000), 0.2);
  bench.reset();
  bench.run(number(4, 20'000), number(5, 2));
  bench.report();
}
