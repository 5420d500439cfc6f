#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ticker::recording {

// What a recording says of itself, at the beginning of each of its files.
struct Header {
  struct Symbol {
    std::string canonical;  // `BTC-USDT`
    std::string native;     // what the venue calls it

    friend bool operator==(const Symbol&, const Symbol&) = default;
  };

  std::string ticker;   // the version that wrote it
  std::string feed;     // its configured name
  std::string adapter;  // as in the configuration; empty: not known, as of `.raw` files
  std::string url;      // public_url() of the configured one
  std::string trades;   // the adapter's option
  // What the messages of a described venue mean; the adapter reads it, on one line.
  std::string description = {};
  std::vector<Symbol> symbols;

  friend bool operator==(const Header&, const Header&) = default;
};

// Without what may be secret: user, password, query.
std::string public_url(std::string_view url);

// A line for each thing, `# adapter kraken-v2`; parsing passes over what it does not know.
std::string to_text(const Header& header);
Header parse_header(std::string_view text);

}  // namespace ticker::recording
