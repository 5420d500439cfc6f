#include <ticker/protocol/request.hpp>

#include <algorithm>
#include <utility>

#include "request_reader.hpp"

namespace ticker::protocol {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// As forms and URLSearchParams encode it: `%2A`, and `+` for a space. nullopt: a percent sign
// without two hex digits.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (low < 0) {
      return std::nullopt;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const std::string_view taken = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(taken.size() + 1, rest.size()));
  return taken;
}

// `a,b` and repeated parameters add up.
void add_list(std::string_view value, std::optional<std::vector<std::string>>& out) {
  if (!out) {
    out.emplace();
  }
  while (!value.empty()) {
    out->emplace_back(take_until(value, ','));
  }
}

void set_text(std::string_view name, std::string value, std::optional<std::string>& out,
              std::string& fault) {
  if (out && fault.empty()) {
    fault = std::string(name) + " is given twice";
  }
  out = std::move(value);
}

void set_number(std::string_view name, std::string_view value, std::optional<std::uint64_t>& out,
                std::string& fault) {
  if (out && fault.empty()) {
    fault = std::string(name) + " is given twice";
  }
  out = whole_number(value);
  if (!out && fault.empty()) {
    fault = std::string(name) + " must be a whole number";
  }
}

void set_bool(std::string_view name, std::string_view value, std::optional<bool>& out,
              std::string& fault) {
  if (value != "true" && value != "false" && fault.empty()) {
    fault = std::string(name) + " must be true or false";
  }
  out = value == "true";
}

// Parameters of other names (a token, a cache's) are not ours to judge.
void take_parameter(std::string_view name, std::string value, RequestMembers& out) {
  if (name == "symbols") {
    add_list(value, out.symbols);
  } else if (name == "fields") {
    add_list(value, out.fields);
  } else if (name == "channel") {
    set_text(name, std::move(value), out.channel, out.fault);
  } else if (name == "lane") {
    set_text(name, std::move(value), out.lane, out.fault);
  } else if (name == "interval_ms") {
    set_number(name, value, out.interval_ms, out.fault);
  } else if (name == "max_kbit_per_s") {
    set_number(name, value, out.max_kbit_per_s, out.fault);
  } else if (name == "wait") {
    set_bool(name, value, out.wait, out.fault);
  }
}

RequestMembers read_query(std::string_view query) {
  RequestMembers members;
  while (!query.empty()) {
    std::string_view pair = take_until(query, '&');
    const auto name = decoded(take_until(pair, '='));
    auto value = decoded(pair);
    if (!name || !value) {
      if (members.fault.empty()) {
        members.fault = "a % in the query is not followed by two hexadecimal digits";
      }
      continue;
    }
    take_parameter(*name, std::move(*value), members);
  }
  return members;
}

}  // namespace

std::variant<std::monostate, Subscribe, RequestError> parse_stream_query(std::string_view query) {
  RequestMembers members = read_query(query);
  if (!members.fault.empty()) {
    return bad_request(std::move(members.fault));
  }
  const bool asks = members.symbols || members.fields || members.channel || members.lane ||
                    members.interval_ms || members.max_kbit_per_s || members.wait;
  if (!asks) {
    return std::monostate();
  }
  auto made = make_subscribe(std::move(members));
  if (auto* error = std::get_if<RequestError>(&made)) {
    return std::move(*error);
  }
  return std::get<Subscribe>(std::move(made));
}

std::variant<TickersQuery, RequestError> parse_tickers_query(std::string_view query) {
  RequestMembers members = read_query(query);
  if (!members.fault.empty()) {
    return bad_request(std::move(members.fault));
  }
  TickersQuery made;
  made.fields = market::FieldSet::all();
  if (members.fields) {
    auto fields = make_fields(*members.fields);
    if (auto* error = std::get_if<RequestError>(&fields)) {
      return std::move(*error);
    }
    made.fields = std::get<market::FieldSet>(fields);
  }
  made.symbols = std::move(members.symbols).value_or(std::vector<std::string>{"*"});
  if (auto fault = symbols_fault(made.symbols)) {
    return std::move(*fault);
  }
  return made;
}

}  // namespace ticker::protocol
