#include "assets.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "etag.hpp"

namespace ticker::tickerd {
namespace {

constexpr std::string_view kPlainPage = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>Ticker</title>
<h1>Ticker</h1>
<p>A market price ticker service. This build has no dashboard: it takes Node and npm when it is built
(<code>deploy/install-deps.sh</code>). What it answers:</p>
<ul>
<li><a href="/v1/tickers">/v1/tickers</a>: the newest state of every instrument; <code>?symbols=a,b*&amp;fields=bid,ask</code>
<li><a href="/v1/symbols">/v1/symbols</a>: the instruments
<li><a href="/v1/feeds">/v1/feeds</a>: the upstream feeds and how they are
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>: alive, ready
<li><code>/v1/stream</code>: WebSocket, snapshots and deltas; in this page's console:
<pre>new WebSocket("ws://" + location.host + "/v1/stream?symbols=*").onmessage = (m) =&gt; console.log(m.data)</pre>
</ul>
)";

constexpr std::string_view kPlainOperatorsPage = R"(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>Ticker: operations</title>
<h1>Ticker: operations</h1>
<p>This build has no dashboard: it takes Node and npm when it is built (<code>deploy/install-deps.sh</code>). What it answers here:</p>
<ul>
<li><a href="/metrics">/metrics</a>: for Prometheus
<li><a href="/v1/feeds">/v1/feeds</a>: the upstream feeds and how they are
<li><a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>: alive, ready
</ul>
)";

constexpr std::string_view kHtml = "text/html; charset=utf-8";
constexpr std::string_view kFirstLine = "ticker pack 1";

// Scripts and styles from files of our own only; 'self' covers the WebSocket to where the page came from.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const std::size_t first = text.find_first_not_of(kBlank);
  return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// `1`, `0.25`; at most three digits behind the point. What is malformed counts as 0.
int quality(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1') || text.size() > 5 || (text.size() > 1 && text[1] != '.')) {
    return 0;
  }
  int thousandths = (text[0] - '0') * 1000;
  int unit = 100;
  for (const char digit : text.substr(std::min<std::size_t>(text.size(), 2))) {
    if (digit < '0' || digit > '9') {
      return 0;
    }
    thousandths += (digit - '0') * unit;
    unit /= 10;
  }
  return std::min(thousandths, 1000);
}

// The fields of a line of the pack's list.
struct Row {
  std::string_view path, type, caching, coding, etag;
  std::size_t size = 0;
};

std::optional<Row> parse_row(std::string_view line) {
  Row row;
  for (auto* field : {&row.path, &row.type, &row.caching, &row.coding, &row.etag}) {
    *field = take_until(line, '\t');
  }
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), row.size);
  if (error != std::errc() || end != line.data() + line.size() || row.path.substr(0, 1) != "/") {
    return std::nullopt;
  }
  return row;
}

}  // namespace

Assets::Assets(Page page) {
  auto body = std::make_shared<const std::string>(page == Page::kTraders ? kPlainPage : kPlainOperatorsPage);
  files_["/"] = {std::string(kHtml), false, {{"identity", "\"plain\"", std::move(body)}}};
}

Result<Assets> Assets::read(std::string_view pack, Page page) {
  Assets assets(page);
  if (pack.empty()) {
    return assets;
  }
  assets.files_.clear();
  const std::size_t list_end = pack.find("\n\n");
  std::string_view list = pack.substr(0, list_end);
  if (list_end == std::string_view::npos || take_until(list, '\n') != kFirstLine) {
    return Error{"the dashboard's pack does not begin with a list"};
  }
  std::string_view bodies = pack.substr(list_end + 2);
  const std::string_view home = page == Page::kTraders ? "/" : "/operations.html";
  while (!list.empty()) {
    const std::string_view line = take_until(list, '\n');
    const auto row = parse_row(line);
    if (!row || row->size > bodies.size()) {
      return Error{"the dashboard's pack: a wrong line: " + std::string(line)};
    }
    const std::string_view body = bodies.substr(0, row->size);
    bodies.remove_prefix(row->size);
    const bool is_page = row->type == kHtml;
    if (is_page && row->path != home) {
      continue;
    }
    File& file = assets.files_[is_page ? "/" : std::string(row->path)];
    file.type = row->type;
    file.immutable = row->caching == "immutable";
    file.forms.push_back({std::string(row->coding), std::string(row->etag), std::make_shared<const std::string>(body)});
  }
  if (!bodies.empty() || !assets.contains("/")) {
    return Error{"the dashboard's pack has no page, or bytes that its list lacks"};
  }
  return assets;
}

const Assets::Form& Assets::choose(const File& file, std::string_view accepted) {
  const Form* best = &file.forms.back();
  int most = 0;
  for (const auto& form : file.forms) {
    if (const int weight = coding_weight(accepted, form.coding); weight > most) {
      most = weight;
      best = &form;
    }
  }
  return *best;
}

net::HttpResponse Assets::answer(const net::HttpRequest& request) const {
  const File& file = files_.find(request.path)->second;
  const Form& form = choose(file, request.header("Accept-Encoding"));
  net::HttpResponse response;
  response.status = names_tag(request.header("If-None-Match"), form.etag) ? 304 : 200;
  response.headers = {{"ETag", form.etag},
                      {"Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
                      {"X-Content-Type-Options", "nosniff"}};
  if (file.forms.size() > 1) {
    response.headers.emplace_back("Vary", "Accept-Encoding");
  }
  if (file.type == kHtml) {
    response.headers.emplace_back("Content-Security-Policy", kPolicy);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  }
  if (response.status == 200) {
    response.headers.emplace_back("Content-Type", file.type);
    if (form.coding != "identity") {
      response.headers.emplace_back("Content-Encoding", form.coding);
    }
    response.body = form.body;
  }
  return response;
}

int coding_weight(std::string_view accepted, std::string_view coding) {
  // Unless the header says otherwise, what is not compressed will do, if nothing better does.
  const bool plain = coding == "identity";
  int others = plain ? 1 : 0;
  while (!accepted.empty()) {
    std::string_view item = take_until(accepted, ',');
    const std::string_view name = trimmed(take_until(item, ';'));
    const std::string_view parameter = trimmed(item);
    const int weight = parameter.empty() ? 1000 : same_word(parameter.substr(0, 2), "q=") ? quality(parameter.substr(2)) : 0;
    if (same_word(name, coding)) {
      return weight;
    }
    if (name == "*") {
      others = plain && weight > 0 ? 1 : weight;
    }
  }
  return others;
}

}  // namespace ticker::tickerd
