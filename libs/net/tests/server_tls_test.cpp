// The server's TLS, against our own client and raw sockets.
#include <ticker/net/server_tls.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <string>
#include <thread>
#include <utility>

#include "descriptor_limit.hpp"
#include "stream.hpp"
#include "test_client.hpp"
#include "test_server.hpp"

namespace ticker::net {
namespace {

namespace fs = std::filesystem;

class ServerTlsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("ticker_server_tls_test." + std::to_string(getpid()));
    fs::create_directory(folder_);
    const std::string make = "sh '" TICKER_SOURCE_DIR "/libs/net/tests/make_certificates.sh' '" +
                             folder_.string() + "' > '" + (folder_ / "log").string() + "' 2>&1";
    ASSERT_EQ(std::system(make.c_str()), 0) << "see " << folder_ / "log";
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  static std::string file(const std::string& name) { return folder_ / name; }
  static std::shared_ptr<const ServerTls> load(const std::string& name) {
    Error error;
    auto loaded = ServerTls::load({file(name + ".pem"), file(name + ".key"), false}, error);
    EXPECT_NE(loaded, nullptr) << error.message;
    return loaded;
  }
  static ServerOptions with(const std::string& name) {
    ServerOptions options;
    options.tls = load(name);
    return options;
  }
  // A client of ours on the server's loop.
  std::unique_ptr<TestClient> connect(TestServer& server, const std::string& host = "localhost") {
    ClientOptions options;
    options.ca_file = file("trusted.pem");
    auto client = std::make_unique<TestClient>(server.loop, options);
    EXPECT_FALSE(client->client->connect("wss://" + host + ":" +
                                         std::to_string(server.server->port()) + "/ws"));
    EXPECT_TRUE(server.run_until([&] { return client->open || !client->closes.empty(); }));
    return client;
  }

  static fs::path folder_;
};

fs::path ServerTlsTest::folder_;

TEST_F(ServerTlsTest, CarriesMessagesOfManyRecordsBothWays) {
  ServerOptions options = with("good");
  options.max_message_bytes = 2'000'000;
  TestServer server(options);
  server.next_peer.on_message = [](Peer& peer, const std::string& text) {
    EXPECT_NE(peer.connection->write(text), WriteResult::kClosed);
  };
  const auto client = connect(server);
  ASSERT_TRUE(client->open) << client->closes.at(0).text;
  std::string text;
  for (int i = 0; text.size() < 900'000; ++i) {
    text += std::to_string(i) + ",";
  }
  EXPECT_TRUE(client->client->send_text(text));
  ASSERT_TRUE(
      server.run_until([&] { return !client->messages.empty() || !client->closes.empty(); }));
  EXPECT_EQ(client->messages.at(0), text);
  EXPECT_EQ(server.peers[0]->connection->received_bytes() > text.size(), true);
}

// What is read at a time is less than a record holds: the rest must not wait for the socket.
TEST_F(ServerTlsTest, DeliversAllMessagesOfOneRecord) {
  TestServer server(with("good"));
  const auto client = connect(server);
  ASSERT_TRUE(client->open);
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(client->client->send_text(std::string(500, 'x')));
  }
  ASSERT_TRUE(server.run_until([&] { return server.peers[0]->messages.size() == 200; }));
}

TEST_F(ServerTlsTest, WritesOfABatchGoOutWhole) {
  ServerOptions options = with("good");
  options.io_uring = true;
  TestServer server(options);
  const auto first = connect(server);
  const auto second = connect(server);
  for (int round = 0; round < 3; ++round) {
    server.server->begin_batch();
    for (const auto& peer : server.peers) {
      EXPECT_EQ(peer->connection->write("tick"), WriteResult::kDone);
    }
    server.server->end_batch();
    server.settle();
  }
  ASSERT_TRUE(server.run_until(
      [&] { return first->messages.size() == 3 && second->messages.size() == 3; }));
}

// The client reads nothing: what TLS and the kernel took is bounded, the rest is refused.
TEST_F(ServerTlsTest, HoldsOneFrameForAClientThatDoesNotRead) {
  ServerOptions options = with("good");
  options.send_buffer_bytes = 4'096;
  TestServer server(options);
  const auto client = connect(server);
  ASSERT_TRUE(client->open);
  Peer& peer = *server.peers[0];
  const std::string frame(100'000, 'x');
  std::size_t taken = 0;
  WriteResult result = WriteResult::kDone;
  for (int i = 0; i < 1'000 && result == WriteResult::kDone; ++i) {
    result = peer.connection->write(frame);
    ++taken;
  }
  ASSERT_EQ(result, WriteResult::kKept);
  EXPECT_EQ(peer.connection->write(frame), WriteResult::kBlocked);
  EXPECT_LT(peer.connection->held_bytes(), frame.size() + 70'000);
  const std::uint64_t sent = peer.connection->sent_bytes();
  ASSERT_TRUE(server.run_until([&] { return client->messages.size() == taken; }));
  EXPECT_TRUE(server.run_until([&] { return peer.writable > 0; }));
  EXPECT_GT(peer.connection->sent_bytes(), sent);
  EXPECT_EQ(peer.connection->held_bytes(), 0u);
}

TEST_F(ServerTlsTest, ShowsANewCertificateToWhoComesNextAndKeepsWhoIsThere) {
  TestServer server(with("good"));
  const auto before = connect(server);
  ASSERT_TRUE(before->open);
  server.server->set_tls(load("other_name"));
  const auto after = connect(server);
  EXPECT_FALSE(after->open) << "it is for another name";
  EXPECT_TRUE(before->client->send_text("still here"));
  EXPECT_TRUE(server.run_until([&] { return !server.peers[0]->messages.empty(); }));
  EXPECT_TRUE(before->closes.empty());
}

TEST_F(ServerTlsTest, CutsWhoSpeaksNoTls) {
  TestServer server(with("good"));
  int cut = 0;
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), std::string(300, '\0'),
        std::string(20'000, '\xff'),
        std::string("\x16\x03\x01\x40\x00", 5) + std::string(70'000, '\x01')}) {
    auto client = server.connect();
    client->send(bytes);
    ++cut;
    EXPECT_TRUE(server.run_until([&] { return server.disconnects == cut; }));
  }
  EXPECT_EQ(server.tls_failures, 4);
  EXPECT_TRUE(server.requests.empty());
}

TEST_F(ServerTlsTest, CutsWhoDoesNotFinishTheHandshakeInTime) {
  ServerOptions options = with("good");
  options.handshake_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  auto silent = server.connect();
  auto half = server.connect();
  half->send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(silent->at_end());
  EXPECT_TRUE(half->at_end());
  EXPECT_EQ(server.handshake_timeouts, 2);
}

const std::string kAlert("\x15\x03\x03\x00\x02\x02\x31", 7);

TEST_F(ServerTlsTest, RefusesWithAnAlertWhoConnectsTooOften) {
  TestServer server(with("good"));
  server.admission = Admission::kTooOften;
  EXPECT_EQ(server.connect()->read_to_end(), kAlert);
  const auto client = connect(server);
  EXPECT_FALSE(client->open);
  EXPECT_EQ(server.disconnects, 0);
}

// To them HTTP would be a wrong version of TLS.
TEST_F(ServerTlsTest, RefusesWithAnAlertWhomItTellsInPassing) {
  ServerOptions options = with("good");
  options.refused_at_once = 0;
  TestServer server(options);
  for (const Admission admission : {Admission::kTooMany, Admission::kTooManyFromAddress}) {
    server.admission = admission;
    EXPECT_EQ(server.connect()->read_to_end(), kAlert);
  }
  const auto client = server.connect();
  {
    const DescriptorLimit none_left(lowest_free_descriptor());
    EXPECT_TRUE(server.run_until([&] { return server.exhausted == 1; }));
  }
  EXPECT_EQ(client->read_to_end(), kAlert);
}

// Ten thousand such connections would hold more than a gigabyte for nothing.
TEST_F(ServerTlsTest, GivesBackTheMemoryOfALongFrame) {
  EventLoop loop;
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  Error error;
  Stream server(loop, ends[0], nullptr);
  server.set_tls(Tls::server(*load("good")));
  Stream client(loop, ends[1], nullptr);
  client.set_tls(Tls::client("localhost", false, file("trusted.pem"), error));
  Tls::Handshake of_client = Tls::Handshake::kGoesOn;
  for (int step = 0; step < 4 && of_client != Tls::Handshake::kFailed; ++step) {
    of_client = client.tls()->handshake();
    client.flush();
    server.receive_for_tls();
    EXPECT_NE(server.tls()->handshake(), Tls::Handshake::kFailed) << server.tls()->failure();
    server.flush();
    client.receive_for_tls();
  }
  ASSERT_EQ(of_client, Tls::Handshake::kDone) << client.tls()->failure();

  std::string frame(60'000, 'x');
  const iovec slice{frame.data(), frame.size()};
  ASSERT_EQ(server.send(&slice, 1).bytes, frame.size());
  std::size_t received = 0;
  for (char buffer[4096]; received < frame.size();) {
    const Io io = client.receive(buffer, sizeof buffer);
    ASSERT_NE(io.status, Io::kFailed);
    received += io.bytes;
    server.flush();
  }

  ASSERT_EQ(server.waiting(), 0u);
  EXPECT_LE(server.tls()->outgoing().capacity(), 1'024u);
  EXPECT_FALSE(client.tls()->has_input());
}

// OpenSSL may keep one for the next time that it is asked for something.
constexpr int kLastAnswers = 10;

// Asks for new keys, which wants an answer each time, and takes none; with `before_reading`, it takes
// all but the last few once that returns.
struct KeyUpdates {
  std::function<void()> before_reading;
  int sent = 0;
  int answered = 0;
};
void update_keys(std::uint16_t port, int most, bool web_socket, KeyUpdates& updates) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int small = 4'096;
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  SSL* session = SSL_new(context);
  SSL_set_fd(session, fd);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      SSL_connect(session) == 1) {
    if (web_socket) {
      const std::string upgrade =
          "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
      char answer[1'024];
      SSL_write(session, upgrade.data(), static_cast<int>(upgrade.size()));
      SSL_read(session, answer, sizeof answer);
    }
    while (updates.sent < most && SSL_key_update(session, SSL_KEY_UPDATE_REQUESTED) == 1 &&
           SSL_do_handshake(session) == 1) {
      ++updates.sent;
    }
    constexpr std::size_t kAnswer = 27;  // a record of TLS 1.3 with a KeyUpdate in it
    const timeval patience{5, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::size_t bytes = 0;
    char buffer[4'096];
    if (updates.before_reading) {
      updates.before_reading();
    }
    while (updates.before_reading && updates.answered < updates.sent - kLastAnswers) {
      const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) {
        break;
      }
      bytes += static_cast<std::size_t>(got);
      updates.answered = static_cast<int>(bytes / kAnswer);
    }
  }
  SSL_free(session);
  SSL_CTX_free(context);
  close(fd);
}

TEST_F(ServerTlsTest, CutsWhoAsksForNewKeysAgainAndAgain) {
  constexpr int kMost = 200'000;
  ServerOptions options = with("good");
  options.send_buffer_bytes = 4'096;
  TestServer server(options);
  KeyUpdates updates;
  std::thread peer([&] { update_keys(server.server->port(), kMost, false, updates); });
  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
  peer.join();
  EXPECT_GT(updates.sent, 100);
  EXPECT_LT(updates.sent, kMost);
}

// Nothing else is due to them that would carry along what the socket did not take at once.
TEST_F(ServerTlsTest, AnswersThoseWhoAskForNewKeysAndReadLater) {
  constexpr int kUpdates = 1'000;  // more answers than sockets hold, fewer than end the connection
  for (const bool web_socket : {false, true}) {
    ServerOptions options = with("good");
    options.send_buffer_bytes = 4'096;
    options.handshake_timeout = std::chrono::minutes(1);
    TestServer server(options);
    KeyUpdates updates;
    std::atomic<bool> all_sent = false;
    std::promise<void> all_taken;
    updates.before_reading = [&] {
      all_sent = true;
      all_taken.get_future().wait();
    };
    std::thread peer([&] { update_keys(server.server->port(), kUpdates, web_socket, updates); });
    EXPECT_TRUE(server.run_until([&] { return all_sent.load(); }));
    server.settle();
    all_taken.set_value();
    EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
    peer.join();
    EXPECT_EQ(updates.sent, kUpdates);
    EXPECT_GE(updates.answered, kUpdates - kLastAnswers) << (web_socket ? "WebSocket" : "HTTP");
  }
}

TEST_F(ServerTlsTest, SaysWhatIsWrongWithItsFiles) {
  Error error;
  EXPECT_EQ(ServerTls::load({file("missing.pem"), file("good.key"), false}, error), nullptr);
  EXPECT_NE(error.message.find(file("missing.pem") + ": no certificate can be read"),
            std::string::npos)
      << error.message;
  EXPECT_EQ(ServerTls::load({file("good.pem"), file("expired.key"), false}, error), nullptr);
  EXPECT_NE(error.message.find(file("expired.key") + ": no key of the certificate"),
            std::string::npos)
      << error.message;
}

}  // namespace
}  // namespace ticker::net
