#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <ticker/feed/adapter.hpp>

#include "message.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {

// How a venue writes a time, and whose side it tells.
using ReadTime = Refusal (*)(std::string_view, Timestamp&);
using ReadSide = Refusal (*)(std::string_view, market::Side&);

// In which slots a trade stands.
struct TradeSource {
  static constexpr std::size_t kNone = kMaxSlots;

  std::size_t price;
  std::size_t size;
  std::size_t side;
  std::size_t time;
  std::size_t id = kNone;
  bool signed_size = false;   // it tells the side
  std::size_t count = kNone;  // how many trades it stands for, `id` being the last one's
  ReadTime read_time;
  ReadSide read_side;
  market::FieldSet sets;  // taken from the trade: not what the venue's ticker has
};

// What the adapters of JSON venues have in common: a message is read as far as the shapes want it,
// and what it says is then read as numbers, times and ids. A subclass says what its venue's fields
// mean.
class JsonAdapter : public Adapter {
 public:
  void decode(char* message, std::size_t size, Timestamp receive_time, Sink& sink) override;

 protected:
  explicit JsonAdapter(const Shape* object, const Shape* array = nullptr,
                       Message::IsWanted is_wanted = nullptr)
      : message_(object, array, is_wanted) {}

  // The whole message has been read, and is sound.
  virtual void read(Sink& sink) = 0;
  // What follows from a ticker's values.
  virtual void complete(market::FieldValues& /*values*/) const {}
  // The adapter did not want the rest.
  virtual void pass_over(Sink& sink) { sink.skipped(Skipped::kOtherChannel); }

  const Message& message() const { return message_; }

  // Calls fn(instrument), where the sink knows the one that the venue calls `native`; counts what
  // is refused.
  template <typename Fn>
  static void for_instrument(std::string_view native, Sink& sink, Fn&& fn) {
    if (native.empty()) {
      return sink.rejected(Rejected::kUndecodable);
    }
    for_found(sink.find(native), sink, fn);
  }
  template <typename Fn>
  static void for_found(std::optional<market::InstrumentId> instrument, Sink& sink, Fn&& fn) {
    if (!instrument) {
      return sink.rejected(Rejected::kUnknownInstrument);
    }
    count(fn(*instrument), sink);
  }
  static void count(Refusal refusal, Sink& sink) {
    if (refusal) {
      sink.rejected(*refusal);
    }
  }

  // An absent or empty time is none.
  static Refusal read_time(ReadTime read, std::string_view text, Timestamp& out) {
    out = kNoTime;
    return text.empty() ? std::nullopt : read(text, out);
  }

  // How much of a ticker a message is. What follows on a snapshot or a delta builds on it: they are
  // taken, and a value of theirs that can't be held, which is counted, is none.
  enum class Extent {
    kWhole,     // what it does not name is not spoken of; one that names nothing is none
    kSnapshot,  // what it does not name does not exist
    kDelta,     // it names what changed, which may be nothing of ours
  };
  // The ticker entry that `record` is, at `exchange_time`.
  Refusal ticker(market::InstrumentId instrument, const Record& record,
                 std::span<const FieldSource> sources, Timestamp exchange_time, Sink& sink,
                 Extent extent = Extent::kWhole);

  // The same, where it is late if it is older than the one before it, whose time `newest` is.
  Refusal ticker_in_order(market::InstrumentId instrument, const Record& record,
                          std::span<const FieldSource> sources, Timestamp exchange_time,
                          Timestamp& newest, Sink& sink);

  // Where a price ceased to exist, its size did too.
  static void clear_sizes(market::FieldValues& values);

  enum class TradeKind {
    kLive,
    kHistory,    // from before the subscription
    kNotMarket,  // of no concern for the market's price
  };
  // The trade that `record` is.
  Refusal trade(market::InstrumentId instrument, const Record& record, const TradeSource& source,
                std::int64_t missed_before, Sink& sink);
  // The same, where ids count the trades of an instrument.
  Refusal counted_trade(market::InstrumentId instrument, const Record& record,
                        const TradeSource& source, TradeKind kind, TradeIds& ids, Sink& sink);

  // Of what is being read; the values are whole before they are given on.
  market::Update update_;
  market::Trade trade_;

 private:
  Message message_;
};

}  // namespace ticker::feed
