#include "handshake.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>

#include "websocketpp_config.hpp"

namespace ticker::net {
namespace {

namespace http = websocketpp::http;

const Processor& server_rules() {
  static const Processor rules(false, true, message_source, random_source);
  return rules;
}

Processor& client_rules() {
  thread_local Processor rules(false, false, message_source, random_source);
  return rules;
}

bool contains_token(const std::string& list, std::string_view token) {
  std::string_view rest = list;
  while (!rest.empty()) {
    std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(item.size() + 1, rest.size()));
    while (!item.empty() && (item.front() == ' ' || item.front() == '\t')) {
      item.remove_prefix(1);
    }
    while (!item.empty() && (item.back() == ' ' || item.back() == '\t')) {
      item.remove_suffix(1);
    }
    if (std::equal(item.begin(), item.end(), token.begin(), token.end(),
                   [](unsigned char a, unsigned char b) { return std::tolower(a) == b; })) {
      return true;
    }
  }
  return false;
}

// 16 bytes in base64: 22 digits, of which the last carries 2 bits, and "==".
bool is_handshake_key(const std::string& key) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.compare(22, 2, "==") == 0 &&
         std::all_of(key.begin(), key.begin() + 22,
                     [&](char c) { return kDigits.find(c) != std::string_view::npos; });
}

bool breaks_lines(const std::string& text) {
  return text.find_first_of("\r\n") != std::string::npos;
}

// Looks for what the parser trims or passes over and a proxy in front may read otherwise, so that
// the two would not agree where a request ends: a blank before a colon, a folded line, a line that
// ends in CR or LF alone, control characters.
class HeadCheck {
 public:
  // The next bytes received; those behind the head are not looked at. False: the head is ambiguous.
  bool take(const char* data, std::size_t size) {
    for (std::size_t i = 0; i < size && place_ != Place::kBehind; ++i) {
      const char c = data[i];
      if ((last_ == '\r') != (c == '\n') || is_control(c) || !take_one(c)) {
        return false;
      }
      last_ = c;
    }
    return true;
  }
  bool is_whole() const { return place_ == Place::kBehind; }

 private:
  enum class Place { kRequestLine, kLineStart, kName, kValue, kBehind };

  static bool is_blank(char c) { return c == ' ' || c == '\t'; }
  static bool is_control(char c) {
    return c == 0x7f ||
           (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n');
  }

  bool take_one(char c) {
    if (c == '\n') {
      place_ = place_ == Place::kLineStart ? Place::kBehind : Place::kLineStart;
    } else if (place_ == Place::kLineStart && c != '\r') {
      place_ = Place::kName;
      return !is_blank(c) && c != ':';
    } else if (place_ == Place::kName) {
      place_ = c == ':' ? Place::kValue : Place::kName;
      return !is_blank(c);
    }
    return true;
  }

  Place place_ = Place::kRequestLine;
  char last_ = '\0';
};

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

}  // namespace

struct RequestReader::Parts {
  HeadCheck head;
  http::parser::request parser;
};

RequestReader::RequestReader() { reset(); }
RequestReader::~RequestReader() = default;

void RequestReader::reset() {
  parts_ = std::make_unique<Parts>();
  parts_->parser.set_max_body_size(kMaxBody);
}

RequestReader::State RequestReader::read(const char* data, std::size_t size,
                                         std::size_t& consumed) {
  if (!parts_->head.take(data, size)) {
    refusal_ = json_error(400, "bad_request", "the head of the request is malformed");
    return State::kRefused;
  }
  try {
    consumed = parts_->parser.consume(data, size);
  } catch (const http::exception& error) {
    refusal_ = json_error(error.m_error_code, "bad_request", error.what());
    return State::kRefused;
  }
  if (!parts_->parser.ready()) {
    if (parts_->head.is_whole() && !parts_->parser.get_header("Expect").empty()) {
      // The body that is missing stays away until we ask for it, and no request needs one.
      refusal_ = json_error(417, "bad_request", "send no body, or send it without Expect");
      return State::kRefused;
    }
    return State::kMore;
  }
  if (auto wrong = check_request()) {
    refusal_ = std::move(*wrong);
    return State::kRefused;
  }
  return State::kReady;
}

// What the parser lets pass and must not, because the end of the request would be in doubt.
std::optional<HttpResponse> RequestReader::check_request() const {
  const auto& parser = parts_->parser;
  const std::string& length = parser.get_header("Content-Length");
  if (!parser.get_header("Transfer-Encoding").empty()) {
    return json_error(501, "bad_request", "Transfer-Encoding is not supported");
  }
  if (!std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return json_error(400, "bad_request", "Content-Length is not a number");
  }
  if (parser.get_version() != "HTTP/1.1" && parser.get_version() != "HTTP/1.0") {
    return json_error(505, "bad_request", "only HTTP/1.1 and HTTP/1.0 are supported");
  }
  if (parser.get_uri().empty() || parser.get_uri().front() != '/') {
    return json_error(400, "bad_request", "the request target must begin with '/'");
  }
  return std::nullopt;
}

HttpRequest RequestReader::request(const Address& peer) const {
  const auto& parser = parts_->parser;
  const std::string target = parser.get_uri().substr(0, parser.get_uri().find('#'));
  const std::size_t mark = target.find('?');
  HttpRequest request;
  request.method = parser.get_method();
  request.path = target.substr(0, mark);
  request.query = mark == std::string::npos ? "" : target.substr(mark + 1);
  request.headers.assign(parser.get_headers().begin(), parser.get_headers().end());
  request.peer = peer;
  return request;
}

bool RequestReader::keep_alive() const {
  return parts_->parser.get_version() == "HTTP/1.1" &&
         !contains_token(parts_->parser.get_header("Connection"), "close");
}

bool RequestReader::is_upgrade() const {
  return contains_token(parts_->parser.get_header("Upgrade"), "websocket") &&
         contains_token(parts_->parser.get_header("Connection"), "upgrade");
}

std::optional<HttpResponse> RequestReader::check_upgrade() const {
  const auto& parser = parts_->parser;
  if (parser.get_method() != "GET") {
    HttpResponse response = json_error(405, "bad_request", "a WebSocket handshake must be a GET");
    response.headers.emplace_back("Allow", "GET");
    return response;
  }
  if (parser.get_header("Sec-WebSocket-Version") != "13") {
    HttpResponse response = json_error(426, "bad_request", "Sec-WebSocket-Version must be 13");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
    return response;
  }
  if (!is_handshake_key(parser.get_header("Sec-WebSocket-Key"))) {
    return json_error(400, "bad_request", "Sec-WebSocket-Key must be 16 bytes in base64");
  }
  const std::string& length = parser.get_header("Content-Length");
  if (server_rules().validate_handshake(parser) ||
      length.find_first_not_of('0') != std::string::npos) {
    return json_error(400, "bad_request", "not a valid WebSocket handshake");
  }
  return std::nullopt;
}

std::vector<std::string> RequestReader::subprotocols() const {
  std::vector<std::string> names;
  if (parts_->parser.get_header("Sec-WebSocket-Protocol").empty()) {
    return names;
  }
  // Not const in the library, though nothing changes.
  Processor rules(false, true, message_source, random_source);
  if (rules.extract_subprotocols(parts_->parser, names)) {
    names.clear();
  }
  return names;
}

std::string RequestReader::accept_upgrade(const std::string& subprotocol) const {
  http::parser::response response;
  response.set_version("HTTP/1.1");
  response.set_status(http::status_code::switching_protocols);
  server_rules().process_handshake(parts_->parser, subprotocol, response);
  // As response.raw() would, which makes a stream for it.
  std::string text = "HTTP/1.1 101 Switching Protocols\r\n";
  for (const auto& [name, value] : response.get_headers()) {
    text += name + ": " + value + "\r\n";
  }
  return text + "\r\n";
}

std::string response_head(const HttpResponse& response, std::optional<std::size_t> body_size,
                          bool close) {
  const auto status = static_cast<http::status_code::value>(response.status);
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " " +
                     http::status_code::get_string(status) + "\r\n";
  head += "Date: " + http_date() + "\r\n";
  for (const auto& [name, value] : response.headers) {
    if (!breaks_lines(name) && !breaks_lines(value)) {
      head += name + ": " + value + "\r\n";
    }
  }
  if (body_size) {
    head += "Content-Length: " + std::to_string(*body_size) + "\r\n";
  }
  if (close) {
    head += "Connection: close\r\n";
  }
  return head + "\r\n";
}

struct ClientHandshake::Parts {
  http::parser::request request;
  http::parser::response response;
};

ClientHandshake::ClientHandshake() : parts_(std::make_unique<Parts>()) {}
ClientHandshake::~ClientHandshake() = default;

std::string ClientHandshake::request(const Url& url, const std::vector<std::string>& subprotocols,
                                     const Headers& headers) {
  auto& request = parts_->request;
  offered_ = subprotocols;
  const auto where = std::make_shared<websocketpp::uri>(url.secure, url.host, url.port, url.target);
  client_rules().client_handshake_request(request, where, subprotocols);
  request.replace_header("Host", url.host_header());
  for (const auto& [name, value] : headers) {
    if (!breaks_lines(name) && !breaks_lines(value)) {
      request.replace_header(name, value);
    }
  }
  return request.raw();
}

ClientHandshake::State ClientHandshake::read(const char* data, std::size_t size,
                                             std::size_t& consumed) {
  auto& response = parts_->response;
  try {
    consumed = response.consume(data, size);
  } catch (const http::exception& error) {
    failure_ = std::string("the answer is not HTTP: ") + error.what();
    return State::kRefused;
  }
  if (!response.headers_ready()) {
    return State::kMore;
  }
  failure_ = check_response();
  return failure_.empty() ? State::kOpen : State::kRefused;
}

std::string ClientHandshake::check_response() const {
  const auto& response = parts_->response;
  const int status = response.get_status_code();
  if (status != http::status_code::switching_protocols) {
    return "the server answered " + std::to_string(status) + " " + response.get_status_msg();
  }
  if (client_rules().validate_server_handshake_response(parts_->request, parts_->response)) {
    return "the server's 101 is no valid WebSocket handshake";
  }
  if (!response.get_header("Sec-WebSocket-Extensions").empty()) {
    return "the server chose an extension that was not offered";
  }
  const std::string chosen = subprotocol();
  if (!chosen.empty() && std::find(offered_.begin(), offered_.end(), chosen) == offered_.end()) {
    return "the server chose subprotocol \"" + chosen + "\", which was not offered";
  }
  return {};
}

std::string ClientHandshake::subprotocol() const {
  return parts_->response.get_header("Sec-WebSocket-Protocol");
}

int ClientHandshake::status() const {
  const int status = parts_->response.get_status_code();
  return failure_.empty() || !parts_->response.headers_ready() ? 0 : status;
}

std::string ClientHandshake::retry_after() const {
  return parts_->response.get_header("Retry-After");
}

}  // namespace ticker::net
