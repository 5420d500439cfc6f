#include "watch_session.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "json_text.hpp"

namespace ticker::tickerctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kFirstRetry{500};
constexpr milliseconds kMaxRetry{30'000};
// Before hello has told the real one.
constexpr milliseconds kDefaultHeartbeat{15'000};
constexpr int kHeartbeatsMissed = 3;

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) {
    list += (list.empty() ? "\"" : ",\"") + json_text(text) + "\"";
  }
  return "[" + list + "]";
}

bool may_reconnect(std::uint16_t code) {
  const auto* known = std::find_if(protocol::kCloseCodes.begin(), protocol::kCloseCodes.end(), [code](const auto& info) {
    return static_cast<std::uint16_t>(info.code) == code;
  });
  // 1005, 1006 and codes of a later server: by PROTOCOL part 4 only 4500 to 4999 forbid it.
  return known != protocol::kCloseCodes.end() ? known->reconnect : code < 4500 || code > 4999;
}

std::string seconds_text(milliseconds delay) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", std::chrono::duration<double>(delay).count());
  return text;
}

}  // namespace

std::string subscribe_text(const WatchRequest& request, const std::optional<protocol::Since>& since) {
  std::string text = R"({"op":"subscribe","id":1,"symbols":)" + quoted_list(request.symbols);
  if (request.fields) {
    std::vector<std::string> names;
    for (const market::Field field : *request.fields) {
      names.emplace_back(market::field_name(field));
    }
    text += ",\"fields\":" + quoted_list(names);
  }
  if (request.interval) {
    text += ",\"interval_ms\":" + std::to_string(request.interval->count());
  }
  if (since) {
    text += ",\"since\":{\"epoch\":\"" + json_text(since->epoch) + "\",\"version\":" + std::to_string(since->version) + "}";
  }
  return text + "}";
}

WatchSession::WatchSession(net::EventLoop& loop, WatchRequest request, WatchView& view,
                           std::function<void(const std::string&)> on_end)
    : loop_(loop),
      request_(std::move(request)),
      view_(view),
      on_end_(std::move(on_end)),
      retry_timer_(loop, [this] { connect(); }),
      silence_timer_(loop, [this] { retry("nothing heard of the service"); }),
      random_(std::random_device()()),
      heartbeat_(kDefaultHeartbeat) {}

WatchSession::~WatchSession() = default;

void WatchSession::start() { connect(); }

void WatchSession::connect() {
  view_.on_connection("connecting", false);
  told_delay_.reset();
  net::ClientOptions options;
  options.subprotocols = {std::string(protocol::kJsonSubprotocol)};
  client_ = std::make_unique<net::WebSocketClient>(loop_, *this, std::move(options));
  if (const auto error = client_->connect(request_.url)) {
    end(error->message);
  }
}

void WatchSession::on_open(const std::string& /*subprotocol*/) { expect_message(); }

void WatchSession::expect_message() { silence_timer_.start(heartbeat_ * kHeartbeatsMissed); }

void WatchSession::on_message(net::MessageKind /*kind*/, char* data, std::size_t size) {
  expect_message();
  const std::string_view text(data, size);
  view_.on_text(text);
  const auto parsed = protocol::parse_push(text);
  if (const auto* error = std::get_if<protocol::PushError>(&parsed)) {
    end("this is no service that speaks ticker.v1: " + error->message);
    return;
  }
  on_push(std::get<protocol::Push>(parsed));
}

void WatchSession::on_push(const protocol::Push& push) {
  if (const auto* frame = std::get_if<protocol::EntryFrame>(&push)) {
    attempts_ = 0;
    view_.on_frame(*frame, held_);
  }
  held_.apply(push);
  if (const auto* message = std::get_if<protocol::Message>(&push)) {
    on_said(*message);
  }
}

void WatchSession::on_said(const protocol::Message& message) {
  if (const auto* hello = std::get_if<protocol::Hello>(&message)) {
    heartbeat_ = std::max(milliseconds(hello->heartbeat_ms), milliseconds(1000));
    subscribe();
  } else if (const auto* subscribed = std::get_if<protocol::Subscribed>(&message)) {
    on_subscribed(*subscribed);
  } else if (const auto* error = std::get_if<protocol::RequestError>(&message)) {
    end(std::string(protocol::error_code_name(error->code)) + ": " + error->message);
  } else if (const auto* goodbye = std::get_if<protocol::Goodbye>(&message)) {
    told_delay_ = milliseconds(goodbye->reconnect_in_ms);
  }
}

void WatchSession::subscribe() {
  std::optional<protocol::Since> since;
  if (const auto version = held_.lane_version("")) {
    since = protocol::Since{held_.epoch(), *version};
  }
  asked_since_ = since.has_value();
  if (!client_->send_text(subscribe_text(request_, since))) {
    retry("the request could not be sent");
  }
}

void WatchSession::on_subscribed(const protocol::Subscribed& reply) {
  if (asked_since_ && !reply.resumed) {
    held_.forget(request_.symbols);
  }
  if (!was_live_) {
    for (const protocol::Rejected& rejected : reply.rejected) {
      view_.on_remark(rejected.symbol + ": " + std::string(protocol::error_code_name(rejected.code)));
    }
  }
  was_live_ = true;
  view_.on_connection("live", true);
}

void WatchSession::on_close(const net::ClientClose& close) {
  if (!was_live_ || !may_reconnect(close.code)) {
    end(close.text);
  } else {
    retry(close.text);
  }
}

void WatchSession::retry(const std::string& why) {
  client_.reset();
  silence_timer_.cancel();
  if (!was_live_) {
    end(why);
    return;
  }
  const milliseconds longest = std::min(kMaxRetry, kFirstRetry * (1U << std::min(attempts_, 10U)));
  ++attempts_;
  // Full jitter: many watchers of one service do not come back together.
  std::uniform_int_distribution<std::int64_t> jitter(0, longest.count());
  const milliseconds delay = told_delay_.value_or(milliseconds(jitter(random_)));
  view_.on_connection(why + ", again in " + seconds_text(delay), false);
  retry_timer_.start(delay);
}

void WatchSession::end(const std::string& why) {
  client_.reset();
  silence_timer_.cancel();
  on_end_(why);
}

}  // namespace ticker::tickerctl
