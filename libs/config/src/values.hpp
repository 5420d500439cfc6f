#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/config/config.hpp>

namespace ticker::config {

// What the text forms of values mean; nothing where a text is not one.

std::optional<std::uint64_t> parse_whole_number(std::string_view text);
// `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`.
std::optional<Endpoint> parse_endpoint(std::string_view text);
// `10.0.0.0/8`, `::1`.
std::optional<Network> parse_network(const std::string& text);
// Whether only this machine can connect to what listens there.
bool is_loopback(const std::string& host);

// `kraken`, `binance-usdm`: lower case, digits, `-` and `_`, a letter or digit first, 32 at most.
bool is_feed_name(std::string_view text);
// `BTC-USDT`, `BTC-USDT-PERP`: capitals, digits, `.` and `_`.
bool is_canonical_symbol(std::string_view text);
// The same with `*` for any text: `*-USDT`.
bool is_symbol_pattern(std::string_view text);
// Printable ASCII without a space, 64 at most.
bool is_native_symbol(std::string_view text);
// `ws://host[:port][/…]` or `wss://…`, without user or fragment.
bool is_web_socket_url(std::string_view text);
// `http://host[:port]/…` or `https://…`, without user or fragment.
bool is_http_url(std::string_view text);
// A header's name, and what it may hold: printable ASCII.
bool is_header_name(std::string_view text);
bool is_header_value(std::string_view text);
// `/data/0/price`, or the same after a `^`; empty: the whole.
bool is_json_pointer(std::string_view text);
// `https://host[:port]`, as browsers send it.
bool is_origin(std::string_view text);

// The one of `names` that was probably meant; nothing if none is close.
std::optional<std::string> closest(std::string_view text, const std::vector<std::string>& names);

}  // namespace ticker::config
