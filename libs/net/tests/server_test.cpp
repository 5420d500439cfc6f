#include <ticker/net/server.hpp>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "descriptor_limit.hpp"
#include "test_server.hpp"

namespace ticker::net {
namespace {

using testing::RawClient;

int work_done_in(EventLoop& loop, std::chrono::milliseconds span) {
  const auto until = std::chrono::steady_clock::now() + span;
  int work = 0;
  while (std::chrono::steady_clock::now() < until) {
    work += loop.run_one(std::chrono::milliseconds(5)) ? 1 : 0;
  }
  return work;
}

TEST(Server, Tells503WhenDescriptorsRunOutAndRecovers) {
  TestServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(server.connect());
    clients.back()->send("GET / HTTP/1.1\r\n");
  }

  {
    const DescriptorLimit none_left(lowest_free_descriptor());
    EXPECT_TRUE(server.run_until([&] { return server.exhausted == 5; }));
  }

  for (const auto& client : clients) {
    const std::string answer = client->read_to_end();
    EXPECT_EQ(answer.rfind("HTTP/1.1 503 ", 0), 0u) << answer;
  }
  EXPECT_TRUE(server.admitted.empty());
  EXPECT_NE(server.connect()->upgrade().find("101"), std::string::npos);
}

TEST(Server, NeitherSpinsNorStopsWhenEvenTheReserveFails) {
  TestServer server;
  const auto client = server.connect();

  {
    const DescriptorLimit not_even_the_reserve(3);
    // It has tried.
    EXPECT_TRUE(server.run_until([&] { return server.loop.run_one(std::chrono::milliseconds(9)); }));
    EXPECT_LT(work_done_in(server.loop, std::chrono::milliseconds(300)), 50);
  }

  EXPECT_EQ(server.exhausted, 0) << "nobody was refused";
  EXPECT_NE(client->upgrade().find("101"), std::string::npos);
}

TEST(Server, RefusesWhatTheOwnerDoesNotAdmit) {
  const std::vector<std::pair<Admission, std::string>> cases = {
      {Admission::kTooMany, "HTTP/1.1 503 "}, {Admission::kTooManyFromAddress, "HTTP/1.1 429 "},
      {Admission::kTooOften, "HTTP/1.1 429 "}};
  for (const auto& [admission, status] : cases) {
    TestServer server;
    server.admission = admission;
    const auto client = server.connect();

    const std::string answer = client->upgrade();

    EXPECT_EQ(answer.rfind(status, 0), 0u) << answer;
    EXPECT_EQ(server.server->connections(), 0u);
    client->finish_output();
    client->read_to_end();
    server.settle();
    EXPECT_EQ(server.disconnects, 0);
    EXPECT_TRUE(server.upgrades.empty());
  }
}

TEST(Server, HoldsFewOfThoseItRefuses) {
  ServerOptions options;
  options.refused_at_once = 3;
  TestServer server(options);
  server.admission = Admission::kTooMany;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(server.connect());
  }
  ASSERT_TRUE(server.run_until([&] { return server.admitted.size() == 10; }));

  int told_at_once = 0;
  for (const auto& client : clients) {
    char byte;
    told_at_once += recv(client->fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 ? 1 : 0;
  }

  EXPECT_EQ(told_at_once, 10 - 3);
}

TEST(Server, PairsEveryAdmissionWithADisconnect) {
  TestServer server;
  {
    const auto http = server.connect();
    const auto opened = server.open();
    EXPECT_EQ(server.server->connections(), 2u);
  }

  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 2; }));
  EXPECT_EQ(server.server->connections(), 0u);
  EXPECT_EQ(server.admitted.at(0).host(), "127.0.0.1");
}

TEST(Server, ServesWhatAnotherAcceptedAndHandedOn) {
  TestServer accepting;
  TestServer serving;
  accepting.other = &serving;
  const auto pump = [&] {
    accepting.pump()();
    serving.pump()();
  };
  {
    RawClient client(accepting.server->port(), pump);

    EXPECT_NE(client.upgrade().find(" 101 "), std::string::npos);

    EXPECT_EQ(accepting.server->connections(), 0u);
    EXPECT_EQ(serving.server->connections(), 1u);
    EXPECT_EQ(serving.peers.size(), 1u);
  }
  EXPECT_TRUE(testing::pump_until(pump, [&] { return serving.disconnects == 1; }));
  EXPECT_EQ(accepting.disconnects, 0);
  EXPECT_EQ(accepting.admitted.size(), 1u);
  EXPECT_TRUE(serving.admitted.empty());
}

TEST(Server, TakesNoConnectionAfterItStopsListening) {
  TestServer server;
  const auto opened = server.open();
  const std::uint16_t port = server.server->port();

  server.server->stop_listening();

  EXPECT_FALSE(RawClient(port).connected());
  EXPECT_EQ(opened.second->connection->write("still here"), WriteResult::kDone);
  EXPECT_EQ(opened.first->read_frame()->payload, "still here");
}

TEST(Server, SaysWhyItCannotListen) {
  TestServer first;
  ServerOptions options;
  options.port = first.server->port();

  TestServer second(options);

  ASSERT_TRUE(second.error);
  EXPECT_EQ(second.error->message, "cannot listen on 127.0.0.1:" + std::to_string(options.port) +
                                       ": Address already in use");
}

TEST(Server, SharesAPortOnRequest) {
  ServerOptions options;
  options.reuse_port = true;
  TestServer first(options);
  options.port = first.server->port();

  TestServer second(options);

  EXPECT_FALSE(second.error);
}

TEST(Server, ListensOnIpv6) {
  ServerOptions options;
  options.host = "::1";
  TestServer server(options);
  ASSERT_FALSE(server.error) << server.error->message;
  testing::RawClientOptions client_options;
  client_options.host = "::1";

  const auto opened = server.open(client_options);

  EXPECT_EQ(opened.second->connection->peer().host(), "::1");
  EXPECT_TRUE(opened.second->connection->peer().is_ipv6);
}

// A second process that shares the port would steal half of the connections without anybody's
// notice.
TEST(ProbeBind, FindsAListenerThatSharesItsPort) {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    ServerOptions options;
    options.host = host;
    options.reuse_port = true;
    TestServer server(options);

    const std::optional<Error> in_use = probe_bind(host, server.server->port());

    ASSERT_TRUE(in_use) << host;
    EXPECT_NE(in_use->message.find("Address already in use"), std::string::npos);
  }
}

TEST(ProbeBind, IsNotDisturbedByConnectionsInTimeWait) {
  std::uint16_t port = 0;
  {
    TestServer server;
    port = server.server->port();
    const auto opened = server.open();
    server.server.reset();  // the server closes first: TIME_WAIT is on its side
    EXPECT_TRUE(opened.first->at_end());
  }

  EXPECT_FALSE(probe_bind("127.0.0.1", port));
}

TEST(ProbeBind, RefusesAddressesThatAreNotOurs) {
  const std::optional<Error> error = probe_bind("192.0.2.1", 8080);

  ASSERT_TRUE(error);
  EXPECT_NE(error->message.find("192.0.2.1:8080"), std::string::npos);
}

TEST(Address, KnowsLoopback) {
  for (const std::string host : {"127.0.0.1", "127.8.9.1", "::1", "localhost"}) {
    EXPECT_TRUE(is_loopback(host)) << host;
  }
  for (const std::string host : {"0.0.0.0", "::", "192.168.1.1", "example.com", ""}) {
    EXPECT_FALSE(is_loopback(host)) << host;
  }
}

}  // namespace
}  // namespace ticker::net
