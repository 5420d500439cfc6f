#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/feed/sink.hpp>
#include <ticker/recording/record.hpp>

#include "instrument_names.hpp"

namespace ticker::tickerctl {

// Counts what a recording holds, message by message. One thread.
class Inspection final : public feed::Sink {
 public:
  static constexpr std::int64_t kSilenceNs = 5'000'000'000;  // longer without a message is a gap
  static constexpr std::size_t kMaxListed = 20;  // of each kind of finding; all are counted

  // To be called for each, before it is decoded.
  void record(const recording::Record& record);
  // `where`: empty, or the file and a space.
  void damage(const std::string& where, std::uint64_t offset, const std::string& what);
  // Nobody wrote the end of a file: its name, and when its last record was received.
  void cut(const std::string& file, std::int64_t last_ns);

  std::uint64_t messages() const { return messages_; }
  // Quotes, statistics and trades: what an adapter made of the messages.
  std::uint64_t events() const { return quotes_ + statistics_ + trades_; }
  bool damaged() const { return damage_.count != 0; }
  // Many lines. `venue`: in words; empty if no adapter decoded the messages.
  std::string report(std::string_view venue) const;

  std::optional<market::InstrumentId> find(std::string_view native) override;
  void ticker(const market::Update& update) override;
  void trade(const market::Trade& trade, market::FieldSet sets) override;
  void notice(const feed::Notice& notice) override;
  void rejected(feed::Rejected reason) override { ++rejected_[static_cast<std::size_t>(reason)]; }
  void skipped(feed::Skipped reason) override { ++skipped_[static_cast<std::size_t>(reason)]; }

 private:
  struct Counts {
    std::uint64_t quotes = 0;
    std::uint64_t statistics = 0;
    std::uint64_t trades = 0;
  };
  struct Findings {
    std::uint64_t count = 0;
    std::vector<std::string> lines;  // the first of them

    void add(std::string line);
  };

  void message(std::int64_t receive_ns, std::size_t size);
  std::string rate() const;

  std::uint64_t messages_ = 0;
  std::uint64_t in_second_ = 0;  // of them, in the second that last_ns_ is in
  std::uint64_t most_in_second_ = 0;
  std::uint64_t binary_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t connected_ = 0;
  std::uint64_t disconnected_ = 0;
  std::uint64_t took_over_ = 0;
  std::uint64_t bytes_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::uint64_t quotes_ = 0;
  std::uint64_t statistics_ = 0;
  std::uint64_t trades_ = 0;
  InstrumentNames names_;
  std::vector<Counts> counts_;  // by instrument
  std::array<std::uint64_t, feed::kRejectedCount> rejected_{};
  std::array<std::uint64_t, feed::kSkippedCount> skipped_{};
  Findings gaps_;
  Findings notices_;
  Findings cuts_;
  Findings damage_;
};

}  // namespace ticker::tickerctl
