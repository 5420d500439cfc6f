#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <ticker/feed/sink.hpp>
#include <ticker/market/update.hpp>

#include "message.hpp"

namespace ticker::feed {

// Reading a venue's texts as what they mean. Each function returns why the text can't be used, or
// nothing; what it writes to is untouched then.
using Refusal = std::optional<Rejected>;

[[nodiscard]] Refusal read_decimal(std::string_view text, market::Decimal& out);
// An empty text is a null.
[[nodiscard]] Refusal read_field(std::string_view text, market::Field field,
                                 market::FieldValues& out);
// The number times ten to the power of `shift`, exactly.
[[nodiscard]] Refusal read_shifted(std::string_view text, int shift, market::Field field,
                                   market::FieldValues& out);
// `buy` or `sell`, in any case.
[[nodiscard]] Refusal read_side(std::string_view text, market::Side& out);
// The same of the maker: the taker's is the other one.
[[nodiscard]] Refusal read_makers_side(std::string_view text, market::Side& out);
[[nodiscard]] Refusal read_integer(std::string_view text, std::uint64_t& out);
// Text that may be put on the wire: printable ASCII without quotes or backslashes, of bounded
// length.
[[nodiscard]] Refusal read_trade_id(std::string_view text, market::TradeId& out);

// Milliseconds since the epoch, or microseconds (Binance, where its URL asks for them).
[[nodiscard]] Refusal read_unix_time(std::string_view text, Timestamp& out);
// Seconds since the epoch with up to nine decimals: `1618678142.557535`.
[[nodiscard]] Refusal read_unix_seconds(std::string_view text, Timestamp& out);
// `2023-02-09T20:30:37.167359596Z`; digits below a microsecond are cut.
[[nodiscard]] Refusal read_rfc3339(std::string_view text, Timestamp& out);

// Which field the value in a slot is, and how many places its point stands too far left.
struct FieldSource {
  std::size_t slot;
  market::Field field;
  int shift = 0;
};

// The fields that `record` speaks of; the first that can't be held refuses them all.
[[nodiscard]] Refusal read_fields(const Record& record, std::span<const FieldSource> sources,
                                  market::FieldValues& out);

// What a venue says in a control message, made fit for logs and clients: printable ASCII, of
// bounded length.
std::string plain_text(std::string_view text);

}  // namespace ticker::feed
