#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ticker/protocol/request.hpp>

namespace ticker::protocol {

// The members of a request as they stand in its text: types are checked, ranges and meanings are
// not.
struct RequestMembers {
  RequestId id;
  std::optional<std::string> op;
  std::optional<std::string> channel;
  std::optional<std::vector<std::string>> symbols;
  std::optional<std::string> lane;
  std::optional<std::vector<std::string>> fields;
  std::optional<std::uint64_t> interval_ms;
  std::optional<std::uint64_t> max_kbit_per_s;
  std::optional<Since> since;
  std::optional<bool> wait;
  std::optional<bool> all;
  std::optional<std::string> token;
  std::optional<std::string> recording;
  std::optional<std::string> action;
  std::optional<std::uint64_t> from_us;
  std::optional<std::uint64_t> to_us;
  std::optional<std::string> speed;  // the number as it stands there, or `max`

  std::string fault;  // the first thing wrong, in words; empty: none
};

inline constexpr std::string_view kMaxSpeed = "max";

// Nothing that `bytes` holds makes it throw, or take memory beyond a small multiple of their
// number.
RequestMembers read_request(std::string_view bytes);

// Checks what the members say. Requires: members.fault is empty.
std::variant<Subscribe, RequestError> make_subscribe(RequestMembers&& members);
// Names -> set; the error's id is not set.
std::variant<market::FieldSet, RequestError> make_fields(const std::vector<std::string>& names);

// What is wrong with a list of symbols, if anything; the error's id is not set.
std::optional<RequestError> symbols_fault(const std::vector<std::string>& symbols);
RequestError bad_request(std::string message);

// `text` in quotes for a message; a long one is cut.
std::string shown(std::string_view text);
// A whole number without sign, point or exponent, at most 2^64-1.
std::optional<std::uint64_t> whole_number(std::string_view text);

}  // namespace ticker::protocol
