#include "event_writer.hpp"

#include <charconv>

#include "json_text.hpp"

namespace ticker::tickerctl {
namespace {

using market::Field;

constexpr std::size_t kFlushBytes = 256U << 10;

void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 24> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), result.ptr);
}

}  // namespace

void EventWriter::ticker(const market::Update& update) {
  if (update.instrument >= quotes_.size()) {
    quotes_.resize(update.instrument + 1);
  }
  const auto& values = update.values;
  if (!(values.present() & market::kQuoteFields).empty()) {
    auto& quote = quotes_[update.instrument];
    for (const Field field : values.present() & market::kQuoteFields) {
      if (values.null().has(field)) {
        quote.set_null(field);
      } else {
        quote.set(field, values.decimal(field));
      }
    }
    begin("quote", update.instrument);
    for (const Field field : market::kQuoteFields) {
      this->field(field, quote);
    }
    end();
  }
  const auto others = values.present() - market::kQuoteFields;
  if (!others.empty()) {
    begin("stats", update.instrument);
    for (const Field field : others) {
      this->field(field, values);
    }
    time(update.exchange_time);
    end();
  }
}

void EventWriter::trade(const market::Trade& trade, market::FieldSet) {
  begin("trade", trade.instrument);
  if (!trade.id.text().empty()) {
    member("id", trade.id.text());
  }
  member("price", trade.price.text());
  member("size", trade.size.text());
  member("side", market::side_name(trade.side));
  time(trade.exchange_time);
  end();
}

void EventWriter::begin(std::string_view type, market::InstrumentId id) {
  lines_ += R"({"recv_ns":)";
  append_integer(lines_, receive_ns_);
  member("type", type);
  // No mapping is configured here: the symbol is the native name.
  for (auto made = static_cast<market::InstrumentId>(members_.size()); made <= id; ++made) {
    const auto name = json_text(names_.name(made));
    members_.push_back(",\"symbol\":\"" + name + "\",\"native\":\"" + name + '"');
  }
  lines_ += members_[id];
}

void EventWriter::member(std::string_view name, std::string_view text) {
  lines_.append(",\"").append(name).append("\":\"").append(text) += '"';
}

void EventWriter::field(Field field, const market::FieldValues& values) {
  if (!values.present().has(field) || values.null().has(field)) {
    lines_.append(",\"").append(market::field_name(field)).append("\":null");
  } else if (field == Field::kLastSide) {
    member(market::field_name(field), market::side_name(values.side()));
  } else {
    std::array<char, market::Decimal::kMaxText> text{};
    const char* const text_end = values.decimal(field).write(text.data());
    member(market::field_name(field),
           {text.data(), static_cast<std::size_t>(text_end - text.data())});
  }
}

void EventWriter::time(Timestamp exchange_time) {
  if (exchange_time != kNoTime) {
    lines_ += R"(,"exchange_time_us":)";
    append_integer(lines_, to_us(exchange_time));
  }
}

void EventWriter::end() {
  lines_ += "}\n";
  if (lines_.size() >= kFlushBytes) {
    flush();
  }
}

std::string EventWriter::summary() const {
  std::string text;
  const auto add = [&](std::string_view verb, std::string_view reason, std::uint64_t count) {
    if (count != 0) {
      text.append(verb).append(" ").append(reason).append(": ").append(std::to_string(count)) +=
          '\n';
    }
  };
  for (std::size_t reason = 0; reason < skipped_.size(); ++reason) {
    add("skipped", feed::reason_name(static_cast<feed::Skipped>(reason)), skipped_[reason]);
  }
  for (std::size_t reason = 0; reason < rejected_.size(); ++reason) {
    add("refused", feed::reason_name(static_cast<feed::Rejected>(reason)), rejected_[reason]);
  }
  return text;
}

bool EventWriter::flush() {
  failed_ = failed_ || std::fwrite(lines_.data(), 1, lines_.size(), out_) != lines_.size() ||
            std::fflush(out_) != 0;
  lines_.clear();
  return !failed_;
}

}  // namespace ticker::tickerctl
