#include <ticker/net/server.hpp>

#include <gtest/gtest.h>

#include "test_server.hpp"

namespace ticker::net {
namespace {

std::string handshake(std::string_view method, std::string_view headers) {
  return std::string(method) +
         " / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
         std::string(headers) + "\r\n";
}

constexpr std::string_view kKey = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
constexpr std::string_view kVersion = "Sec-WebSocket-Version: 13\r\n";

std::string answer_to(TestServer& server, std::string_view request) {
  const auto client = server.connect();
  client->send(request);
  return client->read_to_end();
}

TEST(Handshake, AnswersWithTheKeyOfTheStandardsExample) {
  TestServer server;
  const auto client = server.connect();

  const std::string answer = client->upgrade();

  EXPECT_EQ(answer.substr(0, answer.find("\r\n")), "HTTP/1.1 101 Switching Protocols");
  EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
            std::string::npos);
}

TEST(Handshake, NamesNoSoftware) {
  TestServer server;
  const auto client = server.connect();

  const std::string answer = client->upgrade();

  EXPECT_EQ(answer.find("Server:"), std::string::npos);
}

TEST(Handshake, NeverAgreesToCompression) {
  TestServer server;
  const auto client = server.connect();

  const std::string answer =
      client->upgrade("/", "Sec-WebSocket-Extensions: permessage-deflate\r\n");

  EXPECT_NE(answer.find("101"), std::string::npos);
  EXPECT_EQ(answer.find("Sec-WebSocket-Extensions"), std::string::npos);
}

TEST(Handshake, LetsTheOwnerChooseAmongOfferedSubprotocols) {
  TestServer server;
  server.chosen = "ticker.v1.json";
  const auto client = server.connect();

  const std::string answer =
      client->upgrade("/", "Sec-WebSocket-Protocol: other, ticker.v1.json\r\n");

  EXPECT_EQ(server.offered, (std::vector<std::string>{"other", "ticker.v1.json"}));
  EXPECT_NE(answer.find("Sec-WebSocket-Protocol: ticker.v1.json\r\n"), std::string::npos);
}

TEST(Handshake, IsRefusedWithTheOwnersAnswer) {
  TestServer server;
  server.refusal = json_error(400, "bad_request", "unknown subprotocol");

  const std::string answer =
      answer_to(server, handshake("GET", std::string(kKey) + std::string(kVersion)));

  EXPECT_NE(answer.find("HTTP/1.1 400 "), std::string::npos);
  EXPECT_NE(answer.find(R"({"error":{"code":"bad_request","message":"unknown subprotocol"}})"),
            std::string::npos);
}

TEST(Handshake, RefusesEveryVersionButThirteen) {
  for (const std::string version :
       {"", "Sec-WebSocket-Version: 0\r\n", "Sec-WebSocket-Version: 7\r\n",
        "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13x\r\n"}) {
    TestServer server;

    const std::string answer = answer_to(server, handshake("GET", std::string(kKey) + version));

    EXPECT_EQ(answer.rfind("HTTP/1.1 426 ", 0), 0u) << version;
    EXPECT_NE(answer.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos) << version;
    EXPECT_TRUE(server.upgrades.empty()) << version;
  }
}

TEST(Handshake, RefusesKeysThatAreNotSixteenBytes) {
  for (const std::string key :
       {"", "Sec-WebSocket-Key: short\r\n", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n",
        "Sec-WebSocket-Key: !!!lIHNhbXBsZSBub25jZQ==\r\n"}) {
    TestServer server;

    const std::string answer = answer_to(server, handshake("GET", key + std::string(kVersion)));

    EXPECT_EQ(answer.rfind("HTTP/1.1 400 ", 0), 0u) << key;
    EXPECT_TRUE(server.upgrades.empty()) << key;
  }
}

TEST(Handshake, RefusesOtherMethodsThanGet) {
  TestServer server;

  const std::string answer =
      answer_to(server, handshake("POST", std::string(kKey) + std::string(kVersion)));

  EXPECT_EQ(answer.rfind("HTTP/1.1 405 ", 0), 0u);
}

TEST(Handshake, EndsWhenTheRequestDoesNotComeInTime) {
  ServerOptions options;
  options.handshake_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  const auto client = server.connect();

  client->send("GET / HTTP/1.1\r\nHost: te");

  EXPECT_TRUE(client->at_end());
  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
}

TEST(Handshake, TakesFramesThatCameWithTheRequest) {
  TestServer server;
  const auto client = server.connect();

  client->send(handshake("GET", std::string(kKey) + std::string(kVersion)) +
               testing::RawClient::frame(1, "early"));

  EXPECT_TRUE(server.run_until(
      [&] { return !server.peers.empty() && !server.peers[0]->messages.empty(); }));
  EXPECT_EQ(server.peers[0]->messages, std::vector<std::string>{"early"});
}

TEST(Handshake, WorksWhenItComesByteByByte) {
  TestServer server;
  const auto client = server.connect();

  for (const char byte : handshake("GET", std::string(kKey) + std::string(kVersion))) {
    client->send({&byte, 1});
    server.loop.run_one(std::chrono::milliseconds(1));
  }

  EXPECT_NE(client->read_until("\r\n\r\n").find("101"), std::string::npos);
}

}  // namespace
}  // namespace ticker::net
