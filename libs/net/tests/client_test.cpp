#include <ticker/net/web_socket_client.hpp>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ticker/net/timer.hpp>
#include <ticker/testing/pace.hpp>

#include "test_client.hpp"
#include "test_server.hpp"

namespace ticker::net {
namespace {

using Cause = ClientClose::Cause;

std::string url_of(TestServer& server, const std::string& target = "/ws") {
  return "ws://127.0.0.1:" + std::to_string(server.server->port()) + target;
}

// A client and a server that are connected.
struct Pair {
  explicit Pair(ClientOptions options = {}) : client(server.loop, std::move(options)) {
    error = client.client->connect(url_of(server));
    server.run_until([&] { return client.open; });
  }
  Peer& peer() { return *server.peers.at(0); }

  TestServer server;
  TestClient client;
  std::optional<Error> error;
};

// A socket that listens and never accepts.
struct Listener {
  explicit Listener(int backlog) : fd(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(fd, reinterpret_cast<sockaddr*>(&address), size);
    listen(fd, backlog);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~Listener() { close(fd); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  const int fd;
  std::uint16_t port = 0;
};

// One whose backlog of one is taken.
struct FullListener : Listener {
  FullListener() : Listener(0), first(port) {}
  testing::RawClient first;
};

TEST(WebSocketClient, OpensAndExchangesText) {
  Pair pair;
  pair.peer().on_message = [](Peer& peer, std::string text) {
    EXPECT_EQ(peer.connection->write("echo " + text), WriteResult::kDone);
  };

  EXPECT_TRUE(pair.client.client->send_text("hello"));

  EXPECT_TRUE(pair.server.run_until([&] { return !pair.client.messages.empty(); }));
  EXPECT_EQ(pair.client.messages, std::vector<std::string>{"echo hello"});
  EXPECT_EQ(pair.client.kinds, std::vector<MessageKind>{MessageKind::kText});
}

TEST(WebSocketClient, SendsTargetHeadersAndSubprotocols) {
  TestServer server;
  server.chosen = "b";
  ClientOptions options;
  options.headers = {{"Origin", "https://example.com"}};
  options.subprotocols = {"a", "b"};
  TestClient client(server.loop, options);

  ASSERT_FALSE(client.client->connect(url_of(server, "/stream?streams=x/y")));

  ASSERT_TRUE(server.run_until([&] { return client.open; }));
  EXPECT_EQ(client.chosen, "b");
  EXPECT_EQ(server.upgrades[0].path, "/stream");
  EXPECT_EQ(server.upgrades[0].query, "streams=x/y");
  EXPECT_EQ(server.upgrades[0].header("origin"), "https://example.com");
  EXPECT_EQ(server.upgrades[0].header("Host"),
            "127.0.0.1:" + std::to_string(server.server->port()));
}

TEST(WebSocketClient, ReceivesAMessageOfManyMegabytes) {
  Pair pair;
  const std::string text(6'000'000, 'x');

  EXPECT_NE(pair.peer().connection->write(text), WriteResult::kBlocked);

  EXPECT_TRUE(pair.server.run_until([&] { return !pair.client.messages.empty(); }));
  EXPECT_EQ(pair.client.messages.at(0).size(), text.size());
}

TEST(WebSocketClient, KnowsThatAMessageIsUnderWay) {
  Pair pair;
  EXPECT_EQ(pair.client.client->partial_message_at(), std::nullopt);
  const auto before = std::chrono::steady_clock::now();

  EXPECT_NE(pair.peer().connection->write(std::string(6'000'000, 'x')), WriteResult::kBlocked);

  EXPECT_TRUE(pair.server.run_until([&] {
    const auto at = pair.client.client->partial_message_at();
    return at && *at >= before && pair.client.messages.empty();
  }));
  EXPECT_TRUE(pair.server.run_until([&] { return !pair.client.messages.empty(); }));
  EXPECT_EQ(pair.client.client->partial_message_at(), std::nullopt);
}

TEST(WebSocketClient, RefusesAMessageOverItsLimitByTheHeader) {
  ClientOptions options;
  options.max_message_bytes = 1000;
  Pair pair(options);

  EXPECT_EQ(pair.peer().connection->write(std::string(1001, 'x')), WriteResult::kDone);

  ASSERT_TRUE(pair.server.run_until(
      [&] { return !pair.client.closes.empty() && !pair.peer().closes.empty(); }));
  EXPECT_EQ(pair.client.closes[0].cause, Cause::kProtocol);
  EXPECT_EQ(pair.client.closes[0].code, 1009);
  EXPECT_EQ(pair.peer().closes[0].code, 1009);
}

TEST(WebSocketClient, SeesPingsAndAnswersThem) {
  Pair pair;

  EXPECT_TRUE(pair.peer().connection->ping("are you there"));

  EXPECT_TRUE(pair.server.run_until([&] { return !pair.peer().pongs.empty(); }));
  EXPECT_EQ(pair.client.pings, std::vector<std::string>{"are you there"});
  EXPECT_EQ(pair.peer().pongs, std::vector<std::string>{"are you there"});
}

TEST(WebSocketClient, SendsPingsAndSeesThePongs) {
  Pair pair;

  EXPECT_TRUE(pair.client.client->send_ping("42"));

  EXPECT_TRUE(pair.server.run_until([&] { return !pair.client.pongs.empty(); }));
  EXPECT_EQ(pair.client.pongs, std::vector<std::string>{"42"});
}

TEST(WebSocketClient, TellsTheServersCloseCodeAndReason) {
  Pair pair;

  pair.peer().connection->close(4003, "silent");

  ASSERT_TRUE(pair.server.run_until(
      [&] { return !pair.client.closes.empty() && !pair.peer().closes.empty(); }));
  EXPECT_EQ(pair.client.closes[0].cause, Cause::kByPeer);
  EXPECT_EQ(pair.client.closes[0].code, 4003);
  EXPECT_NE(pair.client.closes[0].text.find("silent"), std::string::npos);
  EXPECT_EQ(pair.peer().closes[0].code, 4003);
  EXPECT_FALSE(pair.peer().closes[0].by_peer);
}

TEST(WebSocketClient, ClosesWithItsOwnCode) {
  Pair pair;

  pair.client.client->close(1000, "bye");

  EXPECT_TRUE(pair.client.closes.empty());
  ASSERT_TRUE(pair.server.run_until(
      [&] { return !pair.client.closes.empty() && !pair.peer().closes.empty(); }));
  EXPECT_EQ(pair.client.closes[0].cause, Cause::kByUs);
  EXPECT_EQ(pair.client.closes[0].code, 1000);
  EXPECT_EQ(pair.peer().closes[0].code, 1000);
  EXPECT_EQ(pair.peer().closes[0].reason, "bye");
  EXPECT_TRUE(pair.peer().closes[0].by_peer);
}

TEST(WebSocketClient, TellsWhenTheServerIsGone) {
  Pair pair;

  pair.peer().connection->abort();

  ASSERT_TRUE(pair.server.run_until([&] { return !pair.client.closes.empty(); }));
  EXPECT_EQ(pair.client.closes[0].cause, Cause::kLost);
  EXPECT_EQ(pair.client.closes[0].code, 1006);
}

TEST(WebSocketClient, TellsStatusAndRetryAfterOfARefusal) {
  TestServer server;
  server.refusal = json_error(429, "limit_reached", "later");
  server.refusal->headers.emplace_back("Retry-After", "7");
  TestClient client(server.loop);

  ASSERT_FALSE(client.client->connect(url_of(server)));

  ASSERT_TRUE(server.run_until([&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes[0].cause, Cause::kHandshake);
  EXPECT_EQ(client.closes[0].http_status, 429);
  EXPECT_EQ(client.closes[0].retry_after, "7");
  EXPECT_FALSE(client.open);
}

TEST(WebSocketClient, TellsThatNobodyListens) {
  TestServer server;
  const std::string url = url_of(server);
  server.server.reset();
  TestClient client(server.loop);

  ASSERT_FALSE(client.client->connect(url));

  ASSERT_TRUE(server.run_until([&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes[0].cause, Cause::kConnect);
  EXPECT_NE(client.closes[0].text.find("Connection refused"), std::string::npos);
}

TEST(WebSocketClient, TellsThatAHostDoesNotExist) {
  EventLoop loop;
  TestClient client(loop);

  ASSERT_FALSE(client.client->connect("ws://no-such-host.invalid/"));

  ASSERT_TRUE(testing::pump_until([&] { loop.run_one(std::chrono::milliseconds(5)); },
                                  [&] { return !client.closes.empty(); },
                                  std::chrono::seconds(60)));
  EXPECT_EQ(client.closes[0].cause, Cause::kResolve);
  EXPECT_NE(client.closes[0].text.find("no-such-host.invalid"), std::string::npos);
}

TEST(WebSocketClient, StaysOpenPastTheTimeoutsOfItsBeginning) {
  EXPECT_TRUE(testing::holds_at_some_pace(std::chrono::milliseconds(100), [](auto timeout) {
    ClientOptions options;
    options.connect_timeout = timeout;
    options.handshake_timeout = timeout;
    Pair pair(options);
    bool later = false;
    Timer timer(pair.server.loop, [&] { later = true; });
    timer.start(timeout + timeout / 2);

    EXPECT_TRUE(pair.server.run_until([&] { return later; }));

    return pair.client.closes.empty() && pair.client.client->send_text("still here") &&
           pair.server.admitted.size() == 1u;
  }));
}

// Nothing is ever accepted from a full backlog: the kernel drops the attempt and the client hears
// nothing.
TEST(WebSocketClient, GivesUpOnAnAddressThatDoesNotAnswer) {
  EventLoop loop;
  ClientOptions options;
  options.connect_timeout = std::chrono::milliseconds(50);
  TestClient client(loop, options);
  FullListener listener;

  ASSERT_FALSE(client.client->connect("ws://127.0.0.1:" + std::to_string(listener.port) + "/"));

  ASSERT_TRUE(testing::pump_until([&] { loop.run_one(std::chrono::milliseconds(5)); },
                                  [&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes[0].cause, Cause::kConnect);
  EXPECT_NE(client.closes[0].text.find("timed out"), std::string::npos);
}

TEST(WebSocketClient, GivesUpOnAServerThatNeverAnswersTheHandshake) {
  EventLoop loop;
  const Listener listener(1);
  ClientOptions options;
  options.handshake_timeout = std::chrono::milliseconds(50);
  TestClient client(loop, options);

  ASSERT_FALSE(client.client->connect("ws://127.0.0.1:" + std::to_string(listener.port) + "/"));

  ASSERT_TRUE(testing::pump_until([&] { loop.run_one(std::chrono::milliseconds(5)); },
                                  [&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes[0].cause, Cause::kHandshake);
  EXPECT_NE(client.closes[0].text.find("timed out"), std::string::npos);
}

// The third message is in the client's socket by the time when the other client has one that was
// sent after it.
TEST(WebSocketClient, LeavesWhatKeepsComingInTheKernelForItsPause) {
  Pair pair;
  TestClient other(pair.server.loop);
  ASSERT_FALSE(other.client->connect(url_of(pair.server)));
  ASSERT_TRUE(pair.server.run_until([&] { return other.open; }));
  pair.client.pause = std::chrono::hours(1);
  for (const std::string text : {"first", "second"}) {
    EXPECT_EQ(pair.peer().connection->write(text), WriteResult::kDone);
    ASSERT_TRUE(pair.server.run_until([&] { return !pair.client.messages.empty() && pair.client.messages.back() == text; }));
  }

  EXPECT_EQ(pair.peer().connection->write("third"), WriteResult::kDone);
  EXPECT_EQ(pair.server.peers.at(1)->connection->write("later"), WriteResult::kDone);

  ASSERT_TRUE(pair.server.run_until([&] { return !other.messages.empty(); }));
  EXPECT_EQ(pair.client.messages.size(), 2u);
}

TEST(WebSocketClient, ReadsOnAfterEachPauseToTheEnd) {
  Pair pair;
  pair.client.pause = std::chrono::milliseconds(1);
  std::vector<std::string> sent;
  for (int i = 0; i < 20; ++i) {
    sent.push_back("message " + std::to_string(i));
    EXPECT_EQ(pair.peer().connection->write(sent.back()), WriteResult::kDone);
    ASSERT_TRUE(pair.server.run_until([&] { return pair.client.messages.size() == sent.size(); }));
  }

  EXPECT_EQ(pair.peer().connection->write("last"), WriteResult::kDone);
  pair.peer().connection->close(1000, "");

  ASSERT_TRUE(pair.server.run_until([&] { return !pair.client.closes.empty(); }));
  sent.push_back("last");
  EXPECT_EQ(pair.client.messages, sent);
  EXPECT_EQ(pair.client.closes[0].cause, Cause::kByPeer);
}

TEST(WebSocketClient, HoldsNoMoreThanItsQueueAllows) {
  ClientOptions options;
  options.max_queued_bytes = 100'000;
  Pair pair(options);
  pair.peer().connection->pause_reading();
  const std::string text(10'000, 'x');

  int sent = 0;
  while (sent < 10'000 && pair.client.client->send_text(text)) {
    ++sent;
  }

  EXPECT_LT(sent, 10'000);
  EXPECT_LE(pair.client.client->queued_bytes(), 100'000u);
  pair.peer().connection->resume_reading();
  EXPECT_TRUE(pair.server.run_until(
      [&] { return pair.peer().messages.size() == static_cast<std::size_t>(sent); }));
}

TEST(WebSocketClient, CanBeDestroyedInEachOfItsCallbacks) {
  for (const int in : {0, 1, 2}) {
    TestServer server;
    server.next_peer.on_open = [](Peer& peer) {
      EXPECT_EQ(peer.connection->write("x"), WriteResult::kDone);
    };
    TestClient client(server.loop);
    client.opened = [&] { in == 0 ? client.client.reset() : client.client->close(1000, ""); };
    if (in == 1) {
      client.opened = nullptr;
    }
    client.received = [&] { client.client.reset(); };
    client.closed = [&] { client.client.reset(); };

    ASSERT_FALSE(client.client->connect(url_of(server)));

    EXPECT_TRUE(server.run_until([&] {
      return client.client == nullptr && server.disconnects == 1;
    })) << in;
  }
}

TEST(WebSocketClient, StopsReadingWhilePaused) {
  Pair pair;
  pair.client.client->pause_reading();
  pair.server.settle();

  EXPECT_EQ(pair.peer().connection->write("held back"), WriteResult::kDone);
  pair.server.settle();
  EXPECT_TRUE(pair.client.messages.empty());
  pair.client.client->resume_reading();

  EXPECT_TRUE(pair.server.run_until([&] { return !pair.client.messages.empty(); }));
}

}  // namespace
}  // namespace ticker::net
