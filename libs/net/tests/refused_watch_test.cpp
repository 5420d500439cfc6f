// What becomes of descriptors that the kernel can't wait for: out of memory, or of
// fs.epoll.max_user_watches.
#include "fd_watch.hpp"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <vector>

#include "test_client.hpp"
#include "test_server.hpp"

namespace {

// Of this thread's next calls of epoll_ctl(), those of this kind fail, so many times.
struct Refused {
  int operation = 0;
  int times = 0;
};
thread_local Refused refused;
// Descriptors that were taken out by this thread.
thread_local int taken_out = 0;

}  // namespace

extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  taken_out += operation == EPOLL_CTL_DEL ? 1 : 0;
  if (refused.times > 0 && operation == refused.operation) {
    --refused.times;
    errno = ENOSPC;
    return -1;
  }
  return static_cast<int>(syscall(SYS_epoll_ctl, epoll, operation, fd, event));
}

namespace ticker::net {
namespace {

const std::string kWhy = "No space left on device";

class RefusedWatch : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(refused.times, 0) << "not come to";
    refused = {};
  }
};

using Words = std::vector<std::string>;

// A watched socket, and what its owner was told.
class Told final : private FdEvents {
 public:
  Told() {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    watch = FdWatch(loop, ends[0], this);
    peer_ = ends[1];
  }
  ~Told() { ::close(peer_); }

  void receives() { EXPECT_EQ(send(peer_, "x", 1, MSG_NOSIGNAL), 1); }
  // What it was told once that is so much, and the loop rests.
  const Words& told(std::size_t count) {
    const auto turn = [this] { loop.run_one(std::chrono::milliseconds(2)); };
    testing::pump_until(turn, [&] { return words.size() >= count; });
    for (int turns = 0; turns < 100 && loop.run_one(std::chrono::milliseconds(5)); ++turns) {
    }
    return words;
  }

  EventLoop loop;
  FdWatch watch;
  Words words;

 private:
  void on_fd_readable() override { words.emplace_back("readable"); }
  void on_fd_writable() override { words.emplace_back("writable"); }
  void on_fd_failed(int error) override { words.emplace_back(error == ENOSPC ? "failed" : "?"); }

  int peer_ = -1;
};

TEST_F(RefusedWatch, IsToldAfterTheCallAndWantedAnew) {
  Told socket;
  socket.receives();

  refused = {EPOLL_CTL_ADD, 1};
  socket.watch.want_read();

  EXPECT_EQ(socket.words, Words{});
  EXPECT_EQ(socket.told(1), Words{"failed"});
  socket.watch.want_read();
  EXPECT_EQ(socket.told(2), (Words{"failed", "readable"}));
}

TEST_F(RefusedWatch, TakesAlongWhatWasWaitedForBefore) {
  Told socket;
  socket.watch.want_read();

  refused = {EPOLL_CTL_MOD, 1};
  socket.watch.want_write();
  socket.receives();

  EXPECT_EQ(socket.told(1), Words{"failed"});
}

TEST_F(RefusedWatch, IsToldWhereNoMoreWasWanted) {
  Told socket;
  socket.watch.want_read();
  socket.watch.want_write();

  refused = {EPOLL_CTL_MOD, 1};

  EXPECT_EQ(socket.told(2), (Words{"writable", "failed"}));
  socket.receives();
  EXPECT_EQ(socket.told(2).size(), 2u);
}

TEST_F(RefusedWatch, TellsNobodyWhoHasClosed) {
  Told socket;
  refused = {EPOLL_CTL_ADD, 1};
  socket.watch.want_read();

  socket.watch.close();

  EXPECT_EQ(socket.told(0), Words{});
}

TEST_F(RefusedWatch, ClosesWhateverTheKernelSays) {
  Told socket;
  socket.watch.want_read();

  refused = {EPOLL_CTL_DEL, 1};
  socket.watch.close();

  EXPECT_EQ(socket.told(0), Words{});
}

TEST_F(RefusedWatch, OfAListenerIsTriedUntilItWorks) {
  TestServer server;
  server.server = std::make_unique<Server>(server.loop, server, ServerOptions{});

  refused = {EPOLL_CTL_ADD, 3};
  ASSERT_FALSE(server.server->listen());

  EXPECT_TRUE(server.run_until([] { return refused.times == 0; }));
  EXPECT_NE(server.connect()->upgrade().find(" 101 "), std::string::npos);
}

TEST_F(RefusedWatch, EndsAConnectionThatHasJustCome) {
  TestServer server;

  refused = {EPOLL_CTL_ADD, 1};
  const auto client = server.connect();

  EXPECT_TRUE(client->at_end());
  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
  EXPECT_NE(server.connect()->upgrade().find(" 101 "), std::string::npos);
}

TEST_F(RefusedWatch, EndsAConnectionThatIsReadAgain) {
  TestServer server;
  const auto [client, peer] = server.open();
  peer->connection->pause_reading();
  taken_out = 0;
  client->send_text("not yet");
  ASSERT_TRUE(server.run_until([] { return taken_out == 1; }));

  refused = {EPOLL_CTL_ADD, 1};
  peer->connection->resume_reading();

  EXPECT_TRUE(peer->closes.empty()) << "inside the call";
  EXPECT_TRUE(server.run_until([&, peer = peer] { return !peer->closes.empty(); }));
  EXPECT_EQ(peer->closes[0].reason, kWhy);
  EXPECT_FALSE(peer->closes[0].by_peer);
  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
  EXPECT_TRUE(peer->messages.empty());
}

TEST_F(RefusedWatch, EndsAConnectionWhoseOutputWaits) {
  Narrow narrow;

  refused = {EPOLL_CTL_MOD, 1};
  EXPECT_EQ(narrow.peer->connection->write(pattern(1'000'000)), WriteResult::kKept);

  EXPECT_TRUE(narrow.server.run_until([&] { return narrow.server.disconnects == 1; }));
  EXPECT_EQ(narrow.peer->closes.at(0).reason, kWhy);
}

TEST_F(RefusedWatch, FailsAnAttemptToConnect) {
  TestServer server;
  TestClient client(server.loop);

  refused = {EPOLL_CTL_ADD, 1};
  ASSERT_FALSE(
      client.client->connect("ws://127.0.0.1:" + std::to_string(server.server->port()) + "/ws"));

  EXPECT_TRUE(server.run_until([&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes.at(0).cause, ClientClose::Cause::kConnect);
  EXPECT_NE(client.closes[0].text.find(kWhy), std::string::npos) << client.closes[0].text;
}

TEST_F(RefusedWatch, EndsAClientThatReadsAgain) {
  TestServer server;
  TestClient client(server.loop);
  ASSERT_FALSE(
      client.client->connect("ws://127.0.0.1:" + std::to_string(server.server->port()) + "/ws"));
  ASSERT_TRUE(server.run_until([&] { return client.open; }));
  client.client->pause_reading();
  taken_out = 0;
  EXPECT_EQ(server.peers.at(0)->connection->write("waits"), WriteResult::kDone);
  ASSERT_TRUE(server.run_until([] { return taken_out == 1; }));

  refused = {EPOLL_CTL_ADD, 1};
  client.client->resume_reading();

  EXPECT_TRUE(server.run_until([&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.messages, std::vector<std::string>{"waits"});
  EXPECT_EQ(client.closes.at(0).cause, ClientClose::Cause::kLost);
  EXPECT_NE(client.closes[0].text.find(kWhy), std::string::npos) << client.closes[0].text;
}

}  // namespace
}  // namespace ticker::net
