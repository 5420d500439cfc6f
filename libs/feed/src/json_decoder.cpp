#include <ticker/feed/json_decoder.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "json_message.hpp"
#include "json_text.hpp"
#include "requests.hpp"
#include "trade_ids.hpp"
#include "values.hpp"

namespace ticker::feed {
namespace {

using Means = JsonMessage::Means;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

class JsonDecoder::Impl {
 public:
  Impl(std::string native_form, std::vector<CompiledGroup> groups)
      : native_form_(std::move(native_form)), groups_(std::move(groups)) {}

  std::optional<std::string> native_name(std::string_view canonical) const {
    const auto pair = split_canonical(canonical);
    if (native_form_.empty() || !pair) {
      return std::nullopt;
    }
    auto name = replaced(native_form_, "{base}", pair->base);
    name = replaced(std::move(name), "{quote}", pair->quote);
    name = replaced(std::move(name), "{contract}", pair->contract);
    name = replaced(std::move(name), "{base_lower}", lower_case(pair->base));
    return replaced(std::move(name), "{quote_lower}", lower_case(pair->quote));
  }

  void reset() {
    interrupted();
    for (auto& known : trades_) {
      known.last_id = {};
    }
  }
  void interrupted() {
    for (auto& known : trades_) {
      known.may_have_missed = known.may_have_missed || known.traded;
    }
  }

  void decode(char* message, std::size_t size, Timestamp receive_time, std::string_view asked,
              Sink& sink) {
    switch (text_.parse(message, size)) {
      case ParseOutcome::kOutOfRange:
        return sink.rejected(Rejected::kOutOfRange);
      case ParseOutcome::kComplete:
        break;
      default:
        return sink.rejected(Rejected::kUndecodable);
    }
    update_.receive_time = trade_.receive_time = receive_time;
    asked_ = asked;
    bool is_any = false;
    for (auto& group : groups_) {
      is_any = read_entries(group, sink) || is_any;
    }
    if (!is_any) {
      sink.skipped(Skipped::kOtherChannel);
    }
  }

 private:
  using Place = JsonText::Place;

  // What is known of an instrument's trades.
  struct Known {
    market::TradeId last_id;  // of this connection
    bool traded = false;
    bool may_have_missed = false;
  };

  // False: nothing of it is in the message.
  bool read_entries(CompiledGroup& group, Sink& sink) {
    bool fits = false;
    for (auto& message : group.messages) {
      message.fits_message = message.match.hold(text_, JsonText::kRoot);
      fits = fits || message.fits_message;
    }
    if (!fits || !group.each) {
      return fits && read_entry(group, JsonText::kRoot, sink);
    }
    const auto list = group.entries.find(text_, JsonText::kRoot);
    if (!list || !text_.at(*list).has_values()) {
      return false;
    }
    bool is_any = false;
    text_.for_each_in(*list, [&](Place entry) {
      is_any = true;
      if (!read_entry(group, entry, sink)) {
        sink.skipped(Skipped::kOtherChannel);
      }
    });
    return is_any;
  }

  bool read_entry(const CompiledGroup& group, Place entry, Sink& sink) {
    for (const auto& message : group.messages) {
      if (message.fits_message && message.where.hold(text_, entry)) {
        if (const auto refusal = read(message, entry, sink)) {
          sink.rejected(*refusal);
        }
        return true;
      }
    }
    return false;
  }

  Refusal read(const CompiledMessage& message, Place entry, Sink& sink) {
    using Kind = Notice::Kind;
    if (!message.answer.empty()) {
      if (!message.answer.write(text_, entry, answer_)) {
        return Rejected::kUndecodable;
      }
      sink.notice({Kind::kAnswer, {}, answer_});
    }
    if (message.means == Means::kData) {
      return data(message, entry, sink);
    }
    sink.skipped(Skipped::kControl);
    const auto native = plain_text(symbol_of(message, entry).value_or(std::string_view()));
    const auto why = plain_text(message.text ? scalar(*message.text, entry) : std::string_view());
    switch (message.means) {
      case Means::kReady:
        sink.notice({Kind::kReady, {}, {}});
        break;
      case Means::kSubscribed:
        sink.notice({Kind::kSubscribed, native, {}});
        break;
      case Means::kRefused:
        sink.notice({Kind::kRefused, native, why});
        break;
      case Means::kError:
        sink.notice({Kind::kError, {}, why});
        break;
      case Means::kData:
      case Means::kIgnored:
        break;
    }
    return std::nullopt;
  }

  Refusal data(const CompiledMessage& message, Place entry, Sink& sink) {
    const auto native = symbol_of(message, entry);
    if (!native || native->empty()) {
      return Rejected::kUndecodable;
    }
    const auto instrument = sink.find(*native);
    if (!instrument) {
      return Rejected::kUnknownInstrument;
    }
    Timestamp time = kNoTime;
    if (message.time) {
      const auto text = scalar(*message.time, entry);
      if (const auto refusal =
              text.empty() ? std::nullopt : read_time(message.time_unit, text, time)) {
        return refusal;
      }
    }
    auto refusal = read_values(message, entry);
    if (!refusal && message.trade) {
      refusal = read_trade(*message.trade, entry);
    }
    const bool has_values = !update_.values.present().empty();
    if (refusal || (!has_values && !message.trade)) {
      return refusal ? refusal : Rejected::kUndecodable;
    }
    update_.instrument = trade_.instrument = *instrument;
    update_.exchange_time = trade_.exchange_time = time;
    if (has_values) {
      sink.ticker(update_);
    }
    if (message.trade) {
      give_trade(trades_[*instrument], sink);
    }
    return std::nullopt;
  }

  Refusal read_values(const CompiledMessage& message, Place entry) {
    auto& values = update_.values;
    values.clear();
    for (const auto& source : message.fields) {
      const auto place = source.at.find(text_, entry);
      if (!place) {
        continue;
      }
      const auto& value = text_.at(*place);
      if (value.has_values()) {
        return Rejected::kUndecodable;
      }
      if (const auto refusal = source.shift == 0
                                   ? read_field(value.text, source.field, values)
                                   : read_shifted(value.text, source.shift, source.field, values)) {
        return refusal;
      }
      if (message.zero_is_null && !values.null().has(source.field) &&
          values.decimal(source.field).is_zero()) {
        values.set_null(source.field);
      }
    }
    return std::nullopt;
  }

  Refusal read_trade(const CompiledMessage::Trade& source, Place entry) {
    auto refusal = source.read_side(scalar(source.side, entry), trade_.side);
    refusal = refusal ? refusal : read_decimal(scalar(source.price, entry), trade_.price);
    refusal = refusal ? refusal : read_decimal(scalar(source.size, entry), trade_.size);
    trade_.id = {};
    if (!refusal && source.id) {
      refusal = read_trade_id(scalar(*source.id, entry), trade_.id);
    }
    return refusal;
  }

  // Ids are the venue's affair: only one that comes twice in a row is known to be the same trade.
  void give_trade(Known& known, Sink& sink) {
    if (!trade_.id.text().empty() && trade_.id.text() == known.last_id.text()) {
      return sink.skipped(Skipped::kDuplicate);
    }
    trade_.missed_before =
        std::exchange(known.may_have_missed, false) ? market::Trade::kUnknownMissed : 0;
    known.last_id = trade_.id;
    known.traded = true;
    sink.trade(trade_, market::kLastFields);
  }

  // The text there; empty: none, or null, or more than a text.
  std::string_view scalar(const JsonPointer& pointer, Place entry) const {
    const auto place = pointer.find(text_, entry);
    return place ? text_.at(*place).text : std::string_view();
  }

  std::optional<std::string_view> symbol_of(const CompiledMessage& message, Place entry) const {
    switch (message.symbol_in) {
      case CompiledMessage::SymbolIn::kRequest:
        return asked_;
      case CompiledMessage::SymbolIn::kKey:
        return message.symbol_form.inside(text_.at(entry).key);
      case CompiledMessage::SymbolIn::kValue:
        break;
    }
    return message.symbol_form.inside(scalar(message.symbol, entry));
  }

  const std::string native_form_;
  std::vector<CompiledGroup> groups_;
  JsonText text_;
  std::string_view asked_;
  std::string answer_;
  market::Update update_;
  market::Trade trade_;
  PerInstrument<Known> trades_;
};

JsonDecoder::JsonDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDecoder::~JsonDecoder() = default;

Result<std::unique_ptr<JsonDecoder>> JsonDecoder::make(const JsonMapping& mapping) {
  auto groups = compile(mapping.messages);
  if (!groups) {
    return groups.error();
  }
  return std::unique_ptr<JsonDecoder>(
      new JsonDecoder(std::make_unique<Impl>(mapping.native_form, std::move(groups).value())));
}

std::optional<std::string> JsonDecoder::native_name(std::string_view canonical) const {
  return impl_->native_name(canonical);
}
void JsonDecoder::reset() { impl_->reset(); }

void JsonDecoder::interrupted() { impl_->interrupted(); }
void JsonDecoder::decode(char* message, std::size_t size, Timestamp receive_time,
                         std::string_view asked, Sink& sink) {
  impl_->decode(message, size, receive_time, asked, sink);
}

}  // namespace ticker::feed
