#include <ticker/venue_sim/venue_server.hpp>

#include <algorithm>
#include <cassert>
#include <utility>

#include <ticker/venue_sim/session.hpp>

namespace ticker::venue_sim {
namespace {

constexpr std::size_t kMaxRequestBytes = 64 * 1024;

}  // namespace

class VenueServer::Connection final : public net::ConnectionHandler {
 public:
  Connection(VenueServer& server, std::unique_ptr<Protocol> protocol, std::string target)
      : server_(server),
        target_(std::move(target)),
        session_(std::move(protocol), server.tape_, server.timeline_, server.faults_,
                 server.options_.beat),
        tick_(server.loop_, [this] { tick(); }) {}

  void on_open(net::Connection& connection) override {
    connection_ = &connection;
    server_.connections_.insert(this);
    number_ = ++server_.opened_;
    const auto now = server_.clock_.now();
    next_ping_ = now + session_.ping_interval();
    session_.opened(target_, now);
    server_.advance();
    schedule_tick();
  }

  void on_message(char* data, std::size_t size) override {
    session_.request({data, size}, server_.clock_.now());
    server_.advance();
  }

  void on_control(net::ControlKind, std::string_view) override {
    session_.control_frame(server_.clock_.now());
    pump();
  }

  void on_writable() override {
    blocked_ = false;
    server_.advance();
  }

  void on_close(const net::CloseInfo&) override {
    connection_ = nullptr;
    tick_.cancel();
    server_.connections_.erase(this);
    // Perhaps it was the one that the others waited for.
    server_.advance();
  }

  void pump() {
    const auto now = server_.clock_.now();
    while (connection_ != nullptr && !blocked_) {
      const auto step = session_.next(now);
      if (!step) {
        break;
      }
      if (perform(*step)) {
        session_.sent(now);
      }
    }
    // A fault may have set the connection's end.
    if (const auto next = session_.next_tick(); next && *next < next_tick_) {
      schedule_tick();
    }
  }

  void cut() {
    if (connection_ != nullptr) {
      connection_->abort();
    }
  }

  std::size_t number() const { return number_; }
  bool caught_up() const { return session_.caught_up(); }
  bool subscribed() const { return session_.subscribed(); }

 private:
  // False: not taken, the step stands.
  bool perform(const Session::Step& step) {
    switch (step.kind) {
      case Session::Step::Kind::kSend:
        return write(step.text);
      case Session::Step::Kind::kSendHalf:
        if (!connection_->write_half(step.text)) {
          connection_->abort();
        }
        return true;
      case Session::Step::Kind::kCut:
        blocked_ = true;
        connection_->abort();
        return true;
      case Session::Step::Kind::kReset:
        blocked_ = true;
        connection_->reset();
        return true;
      case Session::Step::Kind::kClose:
        blocked_ = true;
        connection_->close(step.code, step.text);
        return true;
      case Session::Step::Kind::kHush:
        // What is not read is not answered.
        connection_->pause_reading();
        tick_.cancel();
        return true;
    }
    return true;
  }

  bool write(std::string_view text) {
    const auto result = connection_->write(text);
    blocked_ = result != net::WriteResult::kDone;
    return result == net::WriteResult::kDone || result == net::WriteResult::kKept;
  }

  void tick() {
    const auto now = server_.clock_.now();
    session_.tick(now);
    if (session_.ping_interval().count() > 0 && next_ping_ <= now) {
      connection_->ping(std::to_string(to_us(now) / 1000));
      next_ping_ = now + session_.ping_interval();
    }
    // At full speed the others may have waited for what was delayed here.
    server_.advance();
    schedule_tick();
  }

  void schedule_tick() {
    if (connection_ == nullptr || session_.hushed()) {
      return;
    }
    auto next = session_.next_tick();
    if (session_.ping_interval().count() > 0) {
      next = next ? std::min(*next, next_ping_) : next_ping_;
    }
    next_tick_ = next.value_or(Timestamp::max());
    if (next) {
      tick_.start(std::max(*next - server_.clock_.now(), Timestamp::duration(0)));
    }
  }

  VenueServer& server_;
  const std::string target_;
  Session session_;
  net::Timer tick_;
  net::Connection* connection_ = nullptr;
  std::size_t number_ = 0;
  bool blocked_ = false;  // on_writable() will come, or the connection ends
  Timestamp next_ping_ = kNoTime;
  Timestamp next_tick_ = Timestamp::max();  // when tick_ fires
};

VenueServer::VenueServer(net::EventLoop& loop, const Clock& clock, Tape tape, Options options)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      tape_(std::move(tape)),
      timeline_(tape_, options_.timeline),
      faults_(options_.faults, options_.seed),
      timer_(loop, [this] { advance(); }) {
  net::ServerOptions server;
  server.host = options_.host;
  server.port = options_.port;
  server.max_message_bytes = kMaxRequestBytes;
  net::ServerHandler& handler = *this;
  server_ = std::make_unique<net::Server>(loop, handler, server);
}

VenueServer::~VenueServer() = default;

Status VenueServer::listen() {
  if (const auto error = server_->listen()) {
    return Error{error->message};
  }
  return {};
}

void VenueServer::cut_all() {
  for (auto* connection : connections_) {
    connection->cut();
  }
}

bool VenueServer::cut(std::size_t number) {
  const auto found =
      std::find_if(connections_.begin(), connections_.end(),
                   [&](const Connection* connection) { return connection->number() == number; });
  if (found == connections_.end()) {
    return false;
  }
  (*found)->cut();
  return true;
}

void VenueServer::on_http_request(const net::HttpRequest&, net::HttpResponder responder) {
  responder.respond(net::json_error(426, "websocket_only", "this venue speaks WebSocket"));
}

net::UpgradeDecision VenueServer::on_upgrade(const net::HttpRequest& request,
                                             const std::vector<std::string>&) {
  auto protocol = make_protocol(options_.venue);
  assert(protocol.ok());
  auto target = request.query.empty() ? request.path : request.path + "?" + request.query;
  return net::UpgradeDecision::accept(
      std::make_unique<Connection>(*this, std::move(protocol).value(), std::move(target)));
}

void VenueServer::advance() {
  const auto now = clock_.now();
  const auto subscribed =
      std::count_if(connections_.begin(), connections_.end(),
                    [](const Connection* connection) { return connection->subscribed(); });
  if (static_cast<std::size_t>(subscribed) >= options_.start_after && subscribed > 0) {
    timeline_.start(now);
  }
  timeline_.advance(now, !connections_.empty() && all_taken());
  for (auto* connection : connections_) {
    connection->pump();
  }
  schedule();
}

void VenueServer::schedule() {
  if (const auto due = timeline_.next_due()) {
    timer_.start(std::max(*due - clock_.now(), Timestamp::duration(0)));
  } else if (timeline_.started() && !timeline_.at_end() && all_taken() && !connections_.empty()) {
    timer_.start(std::chrono::nanoseconds(0));
  }
}

bool VenueServer::all_taken() const {
  return std::all_of(connections_.begin(), connections_.end(),
                     [](const Connection* connection) { return connection->caught_up(); });
}

}  // namespace ticker::venue_sim
