// The floor: what the kernel asks for a frame to each subscriber, without a WebSocket library,
// backlog, or state. Takes lines from the upstream (load_upstream.cpp, --form frames) and
// subscriptions `sub TOPIC…` from clients.
//   --upstream PORT          forwards each line to the topic's subscribers, at once
//   --paced BYTES            instead: a frame of that size to every client each --interval-ms,
//   spread evenly over the interval
//   --write epoll|io_uring   send() a frame, or a submission for all frames of a turn

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "sender.hpp"
#include "sockets.hpp"
#include "stamp.hpp"
#include "web_socket.hpp"

namespace ticker::load {
namespace {

// Of the paced frames: the rhythm of tickerd's flushes, so that both are woken as often.
constexpr std::int64_t kTickNs = 5'000'000;

struct Client {
  bool upgraded = false;
  std::string in;
};

class LoadFloor {
 public:
  explicit LoadFloor(const Arguments& arguments)
      : sender_(arguments.text("write", "epoll") == "io_uring" ? make_uring_sender()
                                                               : make_send_sender()),
        paced_bytes_(arguments.number("paced", 0)),
        interval_ns_(static_cast<std::int64_t>(arguments.number("interval-ms", 50)) * 1'000'000) {
    if (const auto port = arguments.number("upstream", 0); port != 0) {
      upstream_ = connect_to(static_cast<std::uint16_t>(port), false);
      watch(upstream_);
    }
    watch(listener_.fd);
    watch(STDIN_FILENO);
    say("listening " + std::to_string(listener_.port));
  }

  void run() {
    next_tick_ns_ = now_ns();
    std::array<epoll_event, 512> events{};
    while (!done_) {
      int timeout = -1;
      if (pacing_) {
        pace();
        timeout =
            static_cast<int>(std::max<std::int64_t>(0, next_tick_ns_ - now_ns()) / 1'000'000) + 1;
      }
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        fd == upstream_      ? forward()
        : fd == listener_.fd ? accept()
        : fd == STDIN_FILENO ? command()
                             : read(fd);
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
      fail("epoll_ctl");
    }
  }

  void accept() {
    while (const auto fd = accept_one(listener_.fd, false)) {
      clients_[*fd] = {};
      watch(*fd);
    }
  }

  void read(int fd) {
    Client& client = clients_[fd];
    if (!receive(fd, client.in)) {
      return drop(fd);
    }
    if (const auto end = client.in.find("\r\n\r\n"); !client.upgraded && end != std::string::npos) {
      client.upgraded = true;
      sender_->send(fd, hold(upgrade_answer(client.in.substr(0, end + 2))));
      client.in.erase(0, end + 4);
    }
    while (const auto frame =
               client.upgraded ? next_frame(client.in.data(), client.in.size()) : std::nullopt) {
      if (frame->opcode == kText) {
        subscribe(fd, {frame->payload, frame->size});
      }
      client.in.erase(0, frame->bytes);
    }
    flush();
  }

  // `sub 12 40 77`
  void subscribe(int fd, std::string_view request) {
    for (auto at = request.find(' '); at != std::string_view::npos;
         at = request.find(' ', at + 1)) {
      std::size_t topic = 0;
      std::from_chars(request.data() + at + 1, request.data() + request.size(), topic);
      auto& known = this->topic(topic);
      known.subscribers.push_back(fd);
      if (!known.last.empty()) {
        sender_->send(fd, known.last);
      }
    }
    subscribers_.push_back(fd);
    sender_->send(fd, hold(server_frame(kText, R"({"type":"subscribed"})")));
  }

  void drop(int fd) {
    close(fd);
    clients_.erase(fd);
  }

  // Lines: TOPIC, tab, message.
  void forward() {
    done_ = !receive(upstream_, lines_);
    std::size_t begin = 0;
    for (auto end = lines_.find('\n'); end != std::string::npos; end = lines_.find('\n', begin)) {
      const std::string_view line(lines_.data() + begin, end - begin);
      begin = end + 1;
      std::size_t index = 0;
      const auto tab = line.find('\t');
      std::from_chars(line.data(), line.data() + tab, index);
      Topic& known = topic(index);
      const auto frame = hold(server_frame(kText, line.substr(tab + 1)));
      for (const int fd : known.subscribers) {
        sender_->send(fd, frame);
      }
      known.last = frame;
    }
    lines_.erase(0, begin);
    flush();
  }

  void pace() {
    const auto now = now_ns();
    for (; next_tick_ns_ <= now; next_tick_ns_ += kTickNs) {
      owed_ += subscribers_.size() * static_cast<std::size_t>(kTickNs);
    }
    const auto frames = owed_ / static_cast<std::size_t>(interval_ns_);
    owed_ %= static_cast<std::size_t>(interval_ns_);
    if (frames == 0) {
      return;
    }
    auto text = std::string(kStampMark) + std::to_string(now / 10 * 10) + '"';
    text.resize(std::max(text.size(), paced_bytes_), ' ');
    const auto frame = hold(server_frame(kText, text));
    for (std::size_t i = 0; i < frames; ++i) {
      sender_->send(subscribers_[turn_++ % subscribers_.size()], frame);
    }
    flush();
  }

  void command() {
    done_ = !receive(STDIN_FILENO, input_);
    while (const auto line = take_line(input_)) {
      if (*line == "pace" || *line == "rest") {
        pacing_ = *line == "pace";
        next_tick_ns_ = now_ns();
      }
      say("refused " + std::to_string(sender_->refused()));
    }
  }

  std::string_view hold(std::string bytes) { return held_.emplace_back(std::move(bytes)); }
  void flush() {
    sender_->flush();
    held_.clear();
  }

  struct Topic {
    std::vector<int> subscribers;
    std::string last;
  };
  Topic& topic(std::size_t index) {
    if (index >= topics_.size()) {
      topics_.resize(index + 1);
    }
    return topics_[index];
  }

  // fixed after construction
  const std::unique_ptr<Sender> sender_;
  const std::size_t paced_bytes_;
  const std::int64_t interval_ns_;
  const Listener listener_ = listen_on_loopback();
  const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int upstream_ = -1;

  std::map<int, Client> clients_;
  std::vector<Topic> topics_;
  std::vector<int> subscribers_;
  std::deque<std::string> held_;  // what is being sent
  std::string lines_;
  std::string input_;
  bool pacing_ = false;
  std::int64_t next_tick_ns_ = 0;
  std::size_t owed_ = 0;  // frames times nanoseconds
  std::size_t turn_ = 0;
  bool done_ = false;
};

}  // namespace
}  // namespace ticker::load

int main(int argc, char** argv) {
  ticker::load::raise_descriptor_limit();
  ticker::load::LoadFloor(ticker::load::Arguments(argc, argv)).run();
}
