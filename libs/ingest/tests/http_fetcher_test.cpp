#include "http_fetcher.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

namespace ticker::ingest {
namespace {

// Answers one request.
class OneAnswer {
 public:
  explicit OneAnswer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer = std::move(answer)] {
      const int client = accept(listener_, nullptr, nullptr);
      std::array<char, 4096> request;
      EXPECT_GT(recv(client, request.data(), request.size(), 0), 0);
      EXPECT_EQ(send(client, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
      close(client);
    });
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() {
    thread_.join();
    close(listener_);
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  const int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

class HttpFetcherTest : public testing::Test {
 protected:
  HttpFetcher::Reply fetch(HttpFetcher::Request request) {
    request.max_bytes = 100;
    std::optional<HttpFetcher::Reply> reply;
    fetcher_.fetch(std::move(request), [&](HttpFetcher::Reply got) { reply = std::move(got); });
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!reply && std::chrono::steady_clock::now() < deadline) {
      loop_.run_one(std::chrono::milliseconds(10));
    }
    return reply.value_or(HttpFetcher::Reply{"no answer", false, 0, {}, {}, {}, {}});
  }

  net::EventLoop loop_;
  HttpFetcher fetcher_{loop_};
};

TEST_F(HttpFetcherTest, ReadsWhatTakesItsTimeBesideTheLoop) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist");
  HttpFetcher::Request request;
  request.url = server.url();
  std::thread::id reader;
  std::string read;
  request.read = [&](std::string& body) {
    reader = std::this_thread::get_id();
    read = std::exchange(body, "read");
  };

  const auto reply = fetch(std::move(request));

  EXPECT_EQ(reply.fault, "");
  EXPECT_EQ(reply.body, "read");
  EXPECT_EQ(read, "list");
  EXPECT_NE(reader, std::thread::id());
  EXPECT_NE(reader, std::this_thread::get_id());
}

TEST_F(HttpFetcherTest, ReadsNoErrorsPage) {
  const OneAnswer server("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\noops");
  HttpFetcher::Request request;
  request.url = server.url();
  bool was_read = false;
  request.read = [&](std::string&) { was_read = true; };

  EXPECT_EQ(fetch(std::move(request)).status, 404);
  EXPECT_FALSE(was_read);
}

// Whoever stopped waited for the disk.
TEST(HttpFetcher, EndsThoughADiskHangs) {
  const OneAnswer server("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlist");
  struct Disk {
    std::promise<void> hangs;
    std::promise<void> goes_on;
    std::promise<bool> gave_up;
  };
  const auto disk = std::make_shared<Disk>();
  auto gave_up = disk->gave_up.get_future();
  HttpFetcher::Request request;
  request.url = server.url();
  request.max_bytes = 100;
  request.read = [disk](std::string&) {
    disk->hangs.set_value();
    const auto waited = disk->goes_on.get_future().wait_for(std::chrono::seconds(30));
    disk->gave_up.set_value(waited == std::future_status::timeout);
  };
  std::optional<net::EventLoop> loop(std::in_place);
  std::optional<HttpFetcher> fetcher(std::in_place, *loop);
  fetcher->fetch(std::move(request), [](const HttpFetcher::Reply&) { FAIL(); });
  disk->hangs.get_future().wait();

  fetcher.reset();
  loop.reset();
  disk->goes_on.set_value();

  EXPECT_FALSE(gave_up.get());
}

}  // namespace
}  // namespace ticker::ingest
