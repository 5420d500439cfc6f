// wss:// against a server that is not ours: Node's https and ws, with certificates of an authority
// made for the test.

#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "test_client.hpp"
#include "test_server.hpp"

namespace ticker::net {
namespace {

namespace fs = std::filesystem;

using Cause = ClientClose::Cause;

const fs::path kSources = TICKER_SOURCE_DIR;

// A child process, its first line of output, and its standard input open until the object goes.
class Child {
 public:
  explicit Child(std::vector<std::string> command) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe(in.data()) != 0 || pipe(out.data()) != 0) {
      return;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    for (const int fd : {in[0], in[1], out[0], out[1]}) {
      posix_spawn_file_actions_addclose(&actions, fd);
    }
    std::vector<char*> arguments;
    for (std::string& argument : command) {
      arguments.push_back(argument.data());
    }
    arguments.push_back(nullptr);
    if (posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ) != 0) {
      pid_ = -1;
    }
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    char byte;
    while (::read(out[0], &byte, 1) == 1 && byte != '\n') {
      first_line_ += byte;
    }
    close(out[0]);
  }
  ~Child() { wait(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  const std::string& first_line() const { return first_line_; }
  // Ends its input; whether it then ended with success.
  bool wait() {
    if (input_ >= 0) {
      close(std::exchange(input_, -1));
    }
    int status = -1;
    return pid_ > 0 && waitpid(std::exchange(pid_, -1), &status, 0) > 0 && status == 0;
  }

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string first_line_;
};

class Wss : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = fs::temp_directory_path() / ("ticker_net_test." + std::to_string(getpid()));
    fs::create_directory(folder_);
    Child make({"sh", "-c", "exec sh \"$0\" \"$1\" >\"$1/log\" 2>&1",
                kSources / "libs/net/tests/make_certificates.sh", folder_});
    ASSERT_TRUE(make.wait()) << "see " << folder_ / "log";
  }
  static void TearDownTestSuite() { fs::remove_all(folder_); }

  void SetUp() override {
    if (!fs::exists(kSources / "tests/node/node_modules/ws")) {
      constexpr const char* kMissing = "skipped: no Node package `ws` (npm ci --prefix tests/node)";
      ASSERT_EQ(std::getenv("TICKER_REQUIRE_ALL"), nullptr) << kMissing;
      GTEST_SKIP() << kMissing;
    }
  }

  // Starts Node with this certificate and connects to it by `host`.
  void connect_to(const std::string& certificate, const std::string& host, std::string ca_file) {
    node_ = std::make_unique<Child>(std::vector<std::string>{
        "node", kSources / "tests/node/wss_echo.mjs", folder_ / (certificate + ".pem"),
        folder_ / (certificate + ".key")});
    ASSERT_FALSE(node_->first_line().empty()) << "node did not start";
    ClientOptions options;
    options.ca_file = std::move(ca_file);
    client_ = std::make_unique<TestClient>(loop_, options);
    ASSERT_FALSE(client_->client->connect("wss://" + host + ":" + node_->first_line() + "/ws"));
    ASSERT_TRUE(run_until([&] { return client_->open || !client_->closes.empty(); }));
  }
  bool run_until(const std::function<bool()>& done) {
    return testing::pump_until([this] { loop_.run_one(std::chrono::milliseconds(5)); }, done,
                               std::chrono::seconds(60));
  }
  void expect_refused(const std::string& reason) {
    EXPECT_FALSE(client_->open);
    ASSERT_EQ(client_->closes.size(), 1u);
    EXPECT_EQ(client_->closes[0].cause, Cause::kTls) << client_->closes[0].text;
    EXPECT_NE(client_->closes[0].text.find("certificate refused: " + reason), std::string::npos)
        << client_->closes[0].text;
  }
  static std::string trusted() { return folder_ / "trusted.pem"; }

  static fs::path folder_;
  EventLoop loop_;
  std::unique_ptr<Child> node_;
  std::unique_ptr<TestClient> client_;
};

fs::path Wss::folder_;

TEST_F(Wss, ExchangesMessagesAndSendsTheNameAsSni) {
  connect_to("good", "localhost", trusted());
  ASSERT_TRUE(client_->open) << client_->closes.at(0).text;

  EXPECT_TRUE(client_->client->send_text("hello"));

  ASSERT_TRUE(run_until([&] { return !client_->messages.empty(); }));
  EXPECT_EQ(client_->messages[0], "SNI localhost hello");
}

TEST_F(Wss, VerifiesAnAddressAndSendsNoSniForIt) {
  connect_to("good", "127.0.0.1", trusted());
  ASSERT_TRUE(client_->open) << client_->closes.at(0).text;

  EXPECT_TRUE(client_->client->send_text("hello"));

  ASSERT_TRUE(run_until([&] { return !client_->messages.empty(); }));
  EXPECT_EQ(client_->messages[0], "SNI - hello");
}

TEST_F(Wss, CarriesMessagesOfManyRecordsBothWays) {
  connect_to("good", "localhost", trusted());
  ASSERT_TRUE(client_->open) << client_->closes.at(0).text;
  std::string text;
  for (int i = 0; text.size() < 900'000; ++i) {
    text += std::to_string(i) + ",";
  }

  EXPECT_TRUE(client_->client->send_text(text));

  ASSERT_TRUE(run_until([&] { return !client_->messages.empty() || !client_->closes.empty(); }));
  EXPECT_EQ(client_->messages.at(0), "SNI localhost " + text);
}

TEST_F(Wss, ReceivesTheCloseCode) {
  connect_to("good", "localhost", trusted());
  ASSERT_TRUE(client_->open) << client_->closes.at(0).text;

  EXPECT_TRUE(client_->client->send_text("close"));

  ASSERT_TRUE(run_until([&] { return !client_->closes.empty(); }));
  EXPECT_EQ(client_->closes[0].cause, Cause::kByPeer);
  EXPECT_EQ(client_->closes[0].code, 4001);
}

TEST_F(Wss, TellsWhenTheServerDies) {
  connect_to("good", "localhost", trusted());
  ASSERT_TRUE(client_->open) << client_->closes.at(0).text;

  node_.reset();

  ASSERT_TRUE(run_until([&] { return !client_->closes.empty(); }));
  EXPECT_EQ(client_->closes[0].cause, Cause::kLost);
}

TEST_F(Wss, RefusesACertificateOfAnotherName) {
  connect_to("other_name", "localhost", trusted());

  expect_refused("hostname mismatch");
}

TEST_F(Wss, RefusesACertificateThatLacksTheAddress) {
  connect_to("other_name", "127.0.0.1", trusted());

  expect_refused("IP address mismatch");
}

TEST_F(Wss, RefusesAnExpiredCertificate) {
  connect_to("expired", "localhost", trusted());

  expect_refused("certificate has expired");
}

TEST_F(Wss, RefusesAnUnknownAuthority) {
  connect_to("unknown", "localhost", trusted());

  expect_refused("unable to get local issuer certificate");
}

TEST_F(Wss, TrustsTheSystemsAuthoritiesOnlyWhenNoneAreGiven) {
  connect_to("good", "localhost", "");

  expect_refused("unable to get local issuer certificate");
}

TEST_F(Wss, SaysThatTheAuthoritiesCannotBeRead) {
  connect_to("good", "localhost", "/no/such/file.pem");

  ASSERT_EQ(client_->closes.size(), 1u);
  EXPECT_EQ(client_->closes[0].cause, Cause::kTls);
  EXPECT_NE(client_->closes[0].text.find("/no/such/file.pem"), std::string::npos);
}

// The server's own tests speak to it without TLS.
TEST(WssToPlainServer, IsRefusedAsTls) {
  ServerOptions options;
  options.handshake_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  TestClient client(server.loop);

  ASSERT_FALSE(client.client->connect("wss://127.0.0.1:" + std::to_string(server.server->port())));

  ASSERT_TRUE(server.run_until([&] { return !client.closes.empty(); }));
  EXPECT_EQ(client.closes[0].cause, Cause::kTls);
}

}  // namespace
}  // namespace ticker::net
