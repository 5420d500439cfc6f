// What a venue that is asked over HTTP answered, as it was recorded.

#include <utility>
#include <vector>

#include <ticker/feed/json_decoder.hpp>
#include <ticker/feed/json_description.hpp>

#include "venues.hpp"

namespace ticker::feed {
namespace {

// Of what was asked for and its answer: no venue's name has one.
constexpr char kBetween = '\t';

class PolledAnswers final : public Adapter, private Sink {
 public:
  explicit PolledAnswers(std::unique_ptr<JsonDecoder> decoder) : decoder_(std::move(decoder)) {}

  const VenueRules& rules() const override { return rules_; }
  std::optional<std::string> native_name(std::string_view canonical) const override {
    return decoder_->native_name(canonical);
  }
  std::vector<ConnectionPlan> plan(std::string_view,
                                   const std::vector<std::string>&) const override {
    return {};
  }
  // Nothing: each answer stands for itself, and who asked knew trades again after a failed one.
  void reset() override {}
  void interrupted() override { decoder_->interrupted(); }

  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override {
    const std::string_view whole(message, size);
    const auto tab = whole.find(kBetween);
    if (tab == std::string_view::npos) {
      return sink.rejected(Rejected::kUndecodable);
    }
    if (tab + 1 == size) {
      return confirm(receive_time, sink);
    }
    brought_.clear();
    sink_ = &sink;
    decoder_->decode(message + tab + 1, size - tab - 1, receive_time, whole.substr(0, tab), *this);
    sink_ = nullptr;
  }

 private:
  // Nothing has changed since: so it is fresh.
  void confirm(Timestamp receive_time, Sink& sink) {
    market::Update unchanged;
    unchanged.receive_time = receive_time;
    for (const auto instrument : brought_) {
      unchanged.instrument = instrument;
      sink.ticker(unchanged);
    }
    sink.skipped(Skipped::kControl);
  }

  std::optional<market::InstrumentId> find(std::string_view native) override {
    return sink_->find(native);
  }
  void ticker(const market::Update& update) override {
    brought_.push_back(update.instrument);
    sink_->ticker(update);
  }
  void trade(const market::Trade& trade, market::FieldSet sets) override {
    brought_.push_back(trade.instrument);
    sink_->trade(trade, sets);
  }
  void notice(const Notice& notice) override { sink_->notice(notice); }
  void rejected(Rejected reason) override { sink_->rejected(reason); }
  void skipped(Skipped reason) override { sink_->skipped(reason); }

  const VenueRules rules_;
  const std::unique_ptr<JsonDecoder> decoder_;
  std::vector<market::InstrumentId> brought_;  // by the last answer that was one
  Sink* sink_ = nullptr;                       // while it is decoded
};

}  // namespace

std::string polled_answer(std::string_view asked, std::string_view body) {
  return std::string(asked).append(1, kBetween).append(body);
}

Result<std::unique_ptr<Adapter>> make_polled_answers(const JsonMapping& json) {
  auto decoder = JsonDecoder::make(json);
  if (!decoder) {
    return decoder.error();
  }
  return std::unique_ptr<Adapter>(std::make_unique<PolledAnswers>(std::move(decoder).value()));
}

}  // namespace ticker::feed
