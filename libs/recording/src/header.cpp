#include <ticker/recording/header.hpp>

#include <algorithm>

namespace ticker::recording {
namespace {

void append_line(std::string& text, std::string_view name, std::string_view value) {
  if (value.empty()) {
    return;
  }
  text.append("# ").append(name) += ' ';
  const auto begin = text.size();
  text += value;
  std::replace_if(
      text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text += '\n';
}

// Takes the part up to the first `end` off `text`, and `end` with it.
std::string_view take_until(std::string_view& text, char end) {
  const auto size = std::min(text.find(end), text.size());
  const auto part = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return part;
}

}  // namespace

std::string public_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto path = std::min(url.find('/', host), url.size());
  const auto at = url.substr(host, path - host).rfind('@');
  const auto behind_user = at == std::string_view::npos ? host : host + at + 1;
  return std::string(url.substr(0, host)).append(url.substr(behind_user));
}

std::string to_text(const Header& header) {
  std::string text = "# ticker-recording 1\n";
  append_line(text, "ticker", header.ticker);
  append_line(text, "feed", header.feed);
  append_line(text, "adapter", header.adapter);
  append_line(text, "url", header.url);
  append_line(text, "trades", header.trades);
  append_line(text, "description", header.description);
  for (const auto& symbol : header.symbols) {
    append_line(text, "symbol", symbol.canonical + ' ' + symbol.native);
  }
  return text;
}

Header parse_header(std::string_view text) {
  Header header;
  while (!text.empty()) {
    auto line = take_until(text, '\n');
    if (take_until(line, ' ') != "#") {
      continue;
    }
    const auto name = take_until(line, ' ');
    if (name == "ticker") {
      header.ticker = line;
    } else if (name == "feed") {
      header.feed = line;
    } else if (name == "adapter") {
      header.adapter = line;
    } else if (name == "url") {
      header.url = line;
    } else if (name == "trades") {
      header.trades = line;
    } else if (name == "description") {
      header.description = line;
    } else if (name == "symbol") {
      const auto canonical = take_until(line, ' ');
      header.symbols.push_back({std::string(canonical), std::string(line)});
    }
  }
  return header;
}

}  // namespace ticker::recording
