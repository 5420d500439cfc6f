// The load: many WebSocket connections, each with a subscription, and what arrives on them. It
// knows WebSocket frames and the stamp of a change (stamp.hpp), nothing else, so that it drives
// every server alike.
//
// Standard input: `report` prints what arrived since the last `reset` as JSON; `pause` stops
// reading the first --slow connections, `resume` reads them again; the end of the input ends it.

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "histogram.hpp"
#include "sockets.hpp"
#include "stamp.hpp"
#include "web_socket.hpp"

namespace ticker::load {
namespace {

constexpr std::uint64_t kInput = ~std::uint64_t{0};
constexpr std::size_t kReadBytes = 524'288;  // more than the longest frame
// Ports of one source address are about 28,000, shared with whatever else the machine does.
constexpr std::size_t kConnectionsPerAddress = 5'000;

struct Connection {
  enum class Phase : std::uint8_t { kUpgrading, kWaiting, kReady, kClosed };

  int fd = -1;
  Phase phase = Phase::kUpgrading;
  std::int64_t began_ns = 0;
  std::int64_t last_stamp = 0;
  std::string rest;  // of a frame that has not arrived whole
};

// What arrived on a group of connections.
struct Tally {
  std::uint64_t frames = 0;   // that carry a change
  std::uint64_t updates = 0;  // changes
  std::uint64_t merged =
      0;  // changes that a later one stood for; where connections have one instrument
  std::uint64_t finals = 0;  // changes of the last pass over all instruments
  std::uint64_t bytes = 0;   // of these frames' payloads
  Histogram staleness;

  std::string json() const {
    std::string text =
        "\"frames\":" + std::to_string(frames) + ",\"updates\":" + std::to_string(updates) +
        ",\"merged\":" + std::to_string(merged) + ",\"finals\":" + std::to_string(finals) +
        ",\"bytes\":" + std::to_string(bytes);
    constexpr std::array kShares{std::pair{"p50_us", 0.5}, std::pair{"p99_us", 0.99},
                                 std::pair{"p999_us", 0.999}, std::pair{"max_us", 1.0}};
    for (const auto& [name, share] : kShares) {
      text += std::string(",\"") + name + "\":" + std::to_string(staleness.percentile_us(share));
    }
    return text;
  }
};

class LoadClient {
 public:
  explicit LoadClient(const Arguments& arguments)
      : port_(static_cast<std::uint16_t>(arguments.number("port", 0))),
        request_(upgrade_request("127.0.0.1:" + arguments.text("port", ""),
                                 arguments.text("path", "/"))),
        opcode_(arguments.text("opcode", "text") == "binary" ? kBinary : kText),
        ready_on_(arguments.text("ready-on", "subscribed")),
        at_once_(arguments.number("at-once", 64)),
        slow_(arguments.number("slow", 0)),
        one_each_(arguments.number("one-each", 0) != 0) {
    std::ifstream file(arguments.text("subscriptions", ""));
    for (std::string line; std::getline(file, line);) {
      subscriptions_.push_back(client_frame(opcode_, unescaped(line)));
    }
    connections_.resize(subscriptions_.size());
    watch(STDIN_FILENO, kInput, EPOLL_CTL_ADD);
  }

  void run() {
    began_ns_ = now_ns();
    std::array<epoll_event, 512> events{};
    while (!done_) {
      while (opened_ < connections_.size() && opened_ - ready_ - closed_ < at_once_) {
        open(opened_++);
      }
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const auto id = events[static_cast<std::size_t>(i)].data.u64;
        id == kInput ? command() : read(static_cast<std::size_t>(id));
      }
    }
  }

 private:
  static std::string unescaped(std::string text) {
    for (auto at = text.find("\\r\\n"); at != std::string::npos; at = text.find("\\r\\n", at)) {
      text.replace(at, 4, "\r\n");
    }
    return text;
  }

  void watch(int fd, std::uint64_t id, int operation) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id;
    if (epoll_ctl(epoll_, operation, fd, &event) != 0) {
      fail("epoll_ctl");
    }
  }

  void open(std::size_t id) {
    auto& connection = connections_[id];
    connection.began_ns = now_ns();
    // Of loopback, a blocking connect returns as soon as the listener's queue has room.
    connection.fd =
        connect_to(port_, true, 1 + static_cast<unsigned>(id / kConnectionsPerAddress), id < slow_);
    send_all(connection.fd, request_);
    watch(connection.fd, id, EPOLL_CTL_ADD);
  }

  void read(std::size_t id) {
    auto& connection = connections_[id];
    const std::size_t held = connection.rest.size();
    std::copy(connection.rest.begin(), connection.rest.end(), buffer_.begin());
    const auto got =
        recv(connection.fd, buffer_.data() + held, buffer_.size() - held, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
      return;
    }
    if (got <= 0) {
      return lose(connection);
    }
    const auto now = now_ns();
    char* data = buffer_.data();
    std::size_t size = held + static_cast<std::size_t>(got);
    if (connection.phase == Connection::Phase::kUpgrading) {
      const auto end = std::string_view(data, size).find("\r\n\r\n");
      if (end != std::string_view::npos) {
        data += end + 4;
        size -= end + 4;
        connection.phase = Connection::Phase::kWaiting;
        send_all(connection.fd, subscriptions_[id]);
      }
    }
    if (connection.phase != Connection::Phase::kUpgrading) {
      Tally& tally = tallies_[id < slow_ ? 1 : 0];
      while (const auto frame = next_frame(data, size)) {
        take(connection, *frame, tally, now);
        data += frame->bytes;
        size -= frame->bytes;
      }
    }
    connection.rest.assign(data, size);
  }

  void take(Connection& connection, const Frame& frame, Tally& tally, std::int64_t now) {
    const std::string_view payload(frame.payload, frame.size);
    if (frame.opcode == kPing) {
      send_all(connection.fd, client_frame(kPong, payload));
      return;
    }
    if (connection.phase == Connection::Phase::kWaiting &&
        payload.find(ready_on_) != std::string_view::npos) {
      connection.phase = Connection::Phase::kReady;
      ready_after_.add(now - connection.began_ns);
      if (++ready_ == connections_.size()) {
        say_ready(now);
      }
    }
    if (const auto updates = count_updates(connection, payload, tally, now); updates != 0) {
      tally.updates += updates;
      ++tally.frames;
      tally.bytes += frame.size;
    }
  }

  std::uint64_t count_updates(Connection& connection, std::string_view payload, Tally& tally,
                              std::int64_t now) const {
    std::uint64_t updates = 0;
    const char* at = payload.data();
    const char* const end = at + payload.size();
    while (const void* mark = memmem(at, static_cast<std::size_t>(end - at), kStampMark.data(),
                                     kStampMark.size())) {
      std::int64_t stamp = 0;
      at = static_cast<const char*>(mark) + kStampMark.size();
      for (; at != end && *at >= '0' && *at <= '9'; ++at) {
        stamp = stamp * 10 + (*at - '0');
      }
      tally.staleness.add(now - stamp);
      if (one_each_) {
        count_merged(connection, stamp, tally, now);
      }
      tally.finals += stamp % 10 == kFinalDigit ? 1U : 0U;
      ++updates;
    }
    return updates;
  }

  // What a later change stood for is as stale as that change leaves it: the times at which it was
  // sent are taken to be evenly between the two that arrived.
  static void count_merged(Connection& connection, std::int64_t stamp, Tally& tally,
                           std::int64_t now) {
    const auto last = connection.last_stamp;
    connection.last_stamp = stamp;
    if (last == 0) {
      return;
    }
    const auto steps = (number_of(stamp) - number_of(last) + kNumbers) % kNumbers;
    for (std::int64_t step = 1; step < steps; ++step) {
      tally.staleness.add(now - last - (stamp - last) * step / steps);
      ++tally.merged;
    }
  }

  void lose(Connection& connection) {
    close(connection.fd);
    closed_ += connection.phase == Connection::Phase::kReady ? 0U : 1U;
    connection.phase = Connection::Phase::kClosed;
    ++lost_;
  }

  void say_ready(std::int64_t now) {
    say("ready {\"seconds\":" + std::to_string(static_cast<double>(now - began_ns_) / 1e9) +
        ",\"p50_us\":" + std::to_string(ready_after_.percentile_us(0.5)) +
        ",\"p99_us\":" + std::to_string(ready_after_.percentile_us(0.99)) + "}");
  }

  void command() {
    done_ = !receive(STDIN_FILENO, input_);
    while (const auto line = take_line(input_)) {
      if (*line == "report") {
        say("report {" + tallies_[0].json() + ",\"lost\":" + std::to_string(lost_) + ",\"slow\":{" +
            tallies_[1].json() + "}}");
      } else if (*line == "reset") {
        tallies_ = {};
        say("reset");
      } else if (*line == "pause" || *line == "resume") {
        for (std::size_t id = 0; id < slow_; ++id) {
          watch(connections_[id].fd, id, *line == "pause" ? EPOLL_CTL_DEL : EPOLL_CTL_ADD);
        }
        say(*line);
      }
    }
    if (done_) {
      for (const auto& connection : connections_) {
        if (connection.fd >= 0 && connection.phase != Connection::Phase::kClosed) {
          close_at_once(connection.fd);
        }
      }
    }
  }

  // fixed after construction
  const std::uint16_t port_;
  const std::string request_;
  const Opcode opcode_;
  const std::string ready_on_;
  const std::size_t at_once_;  // connections that are being opened
  const std::size_t slow_;     // of the first so many apart, and only these can be paused
  const bool one_each_;  // each connection has one instrument: changes are numbered without gaps
  std::vector<std::string> subscriptions_;  // a frame for each connection

  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::vector<Connection> connections_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  std::array<Tally, 2> tallies_;  // of all but the slow, of the slow
  Histogram ready_after_;
  std::int64_t began_ns_ = 0;
  std::size_t opened_ = 0;
  std::size_t ready_ = 0;
  std::size_t closed_ = 0;  // before they were ready
  std::size_t lost_ = 0;    // closed by the server
  std::string input_;
  bool done_ = false;
};

}  // namespace
}  // namespace ticker::load

int main(int argc, char** argv) {
  ticker::load::raise_descriptor_limit();
  ticker::load::LoadClient(ticker::load::Arguments(argc, argv)).run();
}
