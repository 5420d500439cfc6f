// The upstream of every server in the bench: one process that changes instruments at a given rate.
// It speaks
//   --form binance   a venue's protocol (WebSocket, bookTicker), which tickerd has an adapter for
//   --form frames    for the peers: lines over TCP, the topic, a tab, and the whole message for
//   clients of that topic
//   --form entries   the same with the instrument's entry alone, for who makes messages of several
//   --form nats      publishes such messages to the nats-server at --port
// What a peer forwards is ready-made, byte for byte what tickerd's clients get: parsing and
// encoding are tickerd's cost alone.
//
// Standard input: `publish CHANGES RATE` makes CHANGES at RATE a second, instruments in a fixed
// order, each once before any again; prints `published {…}` at the end.

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "sockets.hpp"
#include "stamp.hpp"
#include "web_socket.hpp"

namespace ticker::load {
namespace {

// At rates beyond two thousand a second, several changes leave in one write.
constexpr std::int64_t kLeastPauseNs = 500'000;
// Neighbours in time are no neighbours in any client's list: a prime that divides no number of
// instruments in use.
constexpr std::size_t kStride = 7919;
constexpr std::size_t kNobody = ~std::size_t{0};

struct Peer {
  int fd = -1;
  bool upgraded = false;  // of binance
  std::string in;
  std::string out;
};

class LoadUpstream {
 public:
  explicit LoadUpstream(const Arguments& arguments)
      : form_(arguments.text("form", "frames")),
        instruments_(arguments.number("instruments", 1)),
        served_by_(instruments_, form_ == "binance" ? kNobody : 0),
        updates_(instruments_, 0) {
    if (form_ == "nats") {
      peers_.push_back({connect_to(static_cast<std::uint16_t>(arguments.number("port", 0)), true),
                        true,
                        {},
                        {}});
      send_all(peers_[0].fd, "CONNECT {\"verbose\":false}\r\n");
      say("subscribed");
    } else {
      listener_ = listen_on_loopback();
      say("listening " + std::to_string(listener_.port));
    }
  }

  void run() {
    while (!done_) {
      wait(-1);
    }
  }

 private:
  // Takes in what comes until `deadline` at the latest; without one, something.
  void wait(std::int64_t deadline_ns) {
    polled_.clear();
    polled_.push_back({publishing_ ? -1 : STDIN_FILENO, POLLIN, 0});
    polled_.push_back({listener_.fd, POLLIN, 0});
    for (const auto& peer : peers_) {
      polled_.push_back({peer.fd, POLLIN, 0});
    }
    timespec timeout{};
    if (deadline_ns >= 0) {
      const auto left = std::max<std::int64_t>(0, deadline_ns - now_ns());
      timeout = {left / 1'000'000'000, left % 1'000'000'000};
    }
    if (ppoll(polled_.data(), polled_.size(), deadline_ns < 0 ? nullptr : &timeout, nullptr) <= 0) {
      return;
    }
    const std::size_t known = peers_.size();
    for (std::size_t i = 0; i < known; ++i) {
      if (polled_[i + 2].revents != 0 && peers_[i].fd >= 0) {
        read(i);
      }
    }
    if (polled_[1].revents != 0) {
      accept();
    }
    if (polled_[0].revents != 0) {
      command();
    }
  }

  void accept() {
    while (const auto fd = accept_one(listener_.fd, true)) {
      peers_.push_back({*fd, false, {}, {}});
      if (form_ != "binance") {
        say("subscribed");
      }
    }
  }

  void read(std::size_t index) {
    Peer& peer = peers_[index];
    if (!receive(peer.fd, peer.in)) {
      close(peer.fd);
      peer.fd = -1;
      return;
    }
    if (form_ != "binance") {
      peer.in.clear();  // nats-server's own messages
      return;
    }
    if (const auto end = peer.in.find("\r\n\r\n"); !peer.upgraded && end != std::string::npos) {
      send_all(peer.fd, upgrade_answer(peer.in.substr(0, end + 2)));
      peer.in.erase(0, end + 4);
      peer.upgraded = true;
    }
    while (peer.upgraded) {
      const auto frame = next_frame(peer.in.data(), peer.in.size());
      if (!frame) {
        return;
      }
      const std::string text(frame->payload, frame->size);
      if (frame->opcode == kText) {
        subscribe(index, text);
      } else if (frame->opcode == kPing) {
        send_all(peer.fd, server_frame(kPong, text));
      }
      peer.in.erase(0, frame->bytes);
    }
  }

  // {"method":"SUBSCRIBE","params":["i0000usd@bookTicker",…],"id":1}
  void subscribe(std::size_t index, const std::string& request) {
    constexpr std::string_view kStream = "usd@bookTicker\"";
    for (auto at = request.find(kStream); at != std::string::npos;
         at = request.find(kStream, at + 1)) {
      const auto quote = request.rfind('"', at);
      std::size_t instrument = instruments_;
      std::from_chars(request.data() + quote + 2, request.data() + at, instrument);
      if (instrument < instruments_) {
        subscribed_ += served_by_[instrument] == kNobody ? 1U : 0U;
        served_by_[instrument] = index;
      }
    }
    if (const auto id = request.find("\"id\":"); id != std::string::npos) {
      const auto end = request.find_first_not_of("0123456789", id + 5);
      send_all(peers_[index].fd,
               server_frame(
                   kText, "{\"result\":null,\"id\":" + request.substr(id + 5, end - id - 5) + "}"));
    }
    if (subscribed_ == instruments_) {
      say("subscribed");
    }
  }

  void command() {
    done_ = !receive(STDIN_FILENO, input_);
    while (const auto line = take_line(input_)) {
      unsigned long changes = 0;
      double rate = 0;
      if (std::sscanf(line->c_str(), "publish %lu %lf", &changes, &rate) == 2) {
        publish(changes, rate);
      }
    }
  }

  void publish(std::size_t changes, double rate) {
    publishing_ = true;
    const auto began = now_ns();
    std::int64_t latest = 0;
    std::size_t made = 0;
    while (made < changes) {
      const auto due_at = [&](std::size_t change) {
        return began + static_cast<std::int64_t>(static_cast<double>(change) * 1e9 / rate);
      };
      wait(std::max(due_at(made), last_write_ns_ + kLeastPauseNs));
      const auto now = now_ns();
      latest = std::max(latest, now - due_at(made));
      for (; made < changes && due_at(made) <= now; ++made) {
        change(made % instruments_ * kStride % instruments_, changes - made <= instruments_);
      }
      last_write_ns_ = now;
      for (auto& peer : peers_) {
        if (!peer.out.empty() && peer.fd >= 0) {
          send_all(peer.fd, peer.out);
        }
        peer.out.clear();
      }
    }
    publishing_ = false;
    say("published {\"changes\":" + std::to_string(changes) +
        ",\"seconds\":" + std::to_string(static_cast<double>(now_ns() - began) / 1e9) +
        ",\"latest_us\":" + std::to_string(latest / 1000) + "}");
  }

  void change(std::size_t instrument, bool last_pass) {
    const auto update = ++updates_[instrument];
    const auto stamp = stamp_at(now_ns(), update, last_pass);
    // Bid and ask step to and fro, so that every change changes all four values.
    const auto cents = static_cast<unsigned>(update % 2);
    auto& out = peers_[served_by_[instrument]].out;
    const auto version = ++version_;
    if (form_ == "binance") {
      print(R"({"u":%lu,"s":"I%04zuUSD","b":"61800.2%u","B":"%ld","a":"61800.3%u","A":"0.00%u"})",
            update, instrument, cents, stamp, cents, 6 + cents);
      append_server_head(out, kText, text_.size());
      out += text_;
      return;
    }
    print(
        R"({"symbol":"b:I%04zu-USD","bid":"61800.2%u","bid_size":"%ld","ask":"61800.3%u","ask_size":"0.00%u"})",
        instrument, cents, stamp, cents, 6 + cents);
    if (form_ != "entries") {
      text_ = R"({"type":"delta","lane":"","version":)" + std::to_string(version) + R"(,"data":[)" +
              text_ + "]}";
    }
    if (form_ == "nats") {
      out += "PUB i." + std::to_string(instrument) + ' ' + std::to_string(text_.size()) + "\r\n" +
             text_ + "\r\n";
    } else {
      out += std::to_string(instrument) + '\t' + text_ + '\n';
    }
  }

  template <typename... Values>
  void print(const char* format, Values... values) {
    char buffer[256];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    text_.assign(buffer,
                 static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, format, values...)));
#pragma GCC diagnostic pop
  }

  // fixed after construction
  const std::string form_;
  const std::size_t instruments_;
  Listener listener_{-1, 0};

  std::vector<Peer> peers_;
  std::vector<std::size_t> served_by_;  // index of the peer that asked for the instrument
  std::vector<unsigned long> updates_;
  unsigned long version_ = 0;
  std::size_t subscribed_ = 0;
  bool publishing_ = false;
  std::int64_t last_write_ns_ = 0;
  std::vector<pollfd> polled_;
  std::string text_;
  std::string input_;
  bool done_ = false;
};

}  // namespace
}  // namespace ticker::load

int main(int argc, char** argv) {
  ticker::load::raise_descriptor_limit();
  ticker::load::LoadUpstream(ticker::load::Arguments(argc, argv)).run();
}
