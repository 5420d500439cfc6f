#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/feed/sink.hpp>

#include "instrument_names.hpp"

namespace ticker::tickerctl {

// Writes what an adapter decodes as the JSON lines of `normalize`. One thread.
class EventWriter final : public feed::Sink {
 public:
  // `out` is borrowed.
  explicit EventWriter(std::FILE* out) : out_(out) {}

  // The recorder's receive time of the message that is decoded next.
  void set_receive_ns(std::int64_t receive_ns) { receive_ns_ = receive_ns; }
  // To be called at the end. False: `out` did not take it all.
  bool flush();

  std::optional<market::InstrumentId> find(std::string_view native) override {
    return names_.id(native);
  }
  void ticker(const market::Update& update) override;
  void trade(const market::Trade& trade, market::FieldSet sets) override;
  void notice(const feed::Notice&) override {}
  void rejected(feed::Rejected reason) override { ++rejected_[static_cast<std::size_t>(reason)]; }
  void skipped(feed::Skipped reason) override { ++skipped_[static_cast<std::size_t>(reason)]; }

  // The counts, one line each.
  std::string summary() const;

 private:
  void begin(std::string_view type, market::InstrumentId id);
  void member(std::string_view name, std::string_view text);
  void field(market::Field field, const market::FieldValues& values);
  void time(Timestamp exchange_time);
  void end();

  std::FILE* out_;
  std::int64_t receive_ns_ = 0;
  InstrumentNames names_;
  std::vector<market::FieldValues> quotes_;  // by instrument: the quote fields as known
  std::vector<std::string> members_;         // by instrument: symbol and native, as JSON
  std::string lines_;                        // not yet written
  bool failed_ = false;
  std::array<std::uint64_t, feed::kRejectedCount> rejected_{};
  std::array<std::uint64_t, feed::kSkippedCount> skipped_{};
};

}  // namespace ticker::tickerctl
