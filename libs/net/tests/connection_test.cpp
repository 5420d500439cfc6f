#include <ticker/net/connection.hpp>

#include <gtest/gtest.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <ticker/testing/refusing_kernel.hpp>

#include "test_server.hpp"

namespace ticker::net {
namespace {

using testing::allow_sending;
using testing::RawClient;
using testing::refuse_sending;

// Sends `bytes` on a fresh connection; the code of the close frame that comes back, 0 if none.
struct Verdict {
  int code = 0;
  bool ended = false;
  std::shared_ptr<Peer> peer;
};

Verdict verdict_on(const std::string& bytes) {
  ServerOptions options;
  options.max_message_bytes = 65536;
  options.close_linger = std::chrono::milliseconds(200);
  TestServer server(options);
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  client->send(bytes);
  const auto frame = client->read_frame();
  client->finish_output();
  Verdict verdict;
  verdict.code = frame && frame->opcode == 8 ? frame->close_code() : 0;
  verdict.ended = client->at_end();
  verdict.peer = peer;
  server.run_until([&] { return server.disconnects == 1; });
  return verdict;
}

void expect_refused(const std::string& bytes, int code) {
  const Verdict verdict = verdict_on(bytes);
  EXPECT_EQ(verdict.code, code);
  EXPECT_TRUE(verdict.ended);
  EXPECT_TRUE(verdict.peer->messages.empty());
  ASSERT_EQ(verdict.peer->closes.size(), 1u);
  EXPECT_EQ(verdict.peer->closes[0].code, code);
  EXPECT_FALSE(verdict.peer->closes[0].by_peer);
}

TEST(Connection, PutsFragmentsTogetherWithControlFramesBetween) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  client->send(RawClient::frame(1, "one ", 0) + RawClient::frame(9, "ping") +
               RawClient::frame(0, "two ", 0) + RawClient::frame(0, "three"));

  ASSERT_TRUE(server.run_until([&] { return !peer->messages.empty(); }));
  EXPECT_EQ(peer->messages, std::vector<std::string>{"one two three"});
  EXPECT_EQ(peer->pings, std::vector<std::string>{"ping"});
}

TEST(Connection, TakesASequenceSplitBetweenFragments) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  client->send(RawClient::frame(1, "\xE2\x82", 0) + RawClient::frame(0, "\xAC"));

  ASSERT_TRUE(server.run_until([&] { return !peer->messages.empty(); }));
  EXPECT_EQ(peer->messages, std::vector<std::string>{"\xE2\x82\xAC"});
}

TEST(Connection, RefusesCompressedFramesAsNeverNegotiated) {
  expect_refused(RawClient::frame(1, "x", 0xC0), 1002);
}
TEST(Connection, RefusesOtherReservedBits) { expect_refused(RawClient::frame(1, "x", 0xA0), 1002); }
TEST(Connection, RefusesReservedBitsOnAContinuation) {
  expect_refused(RawClient::frame(1, "x", 0) + RawClient::frame(0, "y", 0xC0), 1002);
}
TEST(Connection, RefusesReservedOpcodes) { expect_refused(RawClient::frame(3, "x"), 1002); }
TEST(Connection, RefusesUnmaskedFrames) { expect_refused(std::string("\x81\x01x", 3), 1002); }
TEST(Connection, RefusesFragmentedControlFrames) {
  expect_refused(RawClient::frame(9, "x", 0), 1002);
}
TEST(Connection, RefusesControlFramesOver125Bytes) {
  expect_refused(RawClient::frame(9, std::string(126, 'x')), 1002);
}
TEST(Connection, RefusesAContinuationOfNothing) { expect_refused(RawClient::frame(0, "x"), 1002); }
TEST(Connection, RefusesANewMessageInsideAnother) {
  expect_refused(RawClient::frame(1, "x", 0) + RawClient::frame(1, "y"), 1002);
}

// websocketpp itself says 1011 here, as if the fault were the server's.
TEST(Connection, RefusesLengthsNotMinimallyEncoded) {
  expect_refused(std::string("\x81\xFE\x00\x05\x00\x00\x00\x00hello", 13), 1002);
  expect_refused(std::string("\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x00hello", 19),
                 1002);
}

TEST(Connection, RefusesBinaryMessagesByTheirFirstFrame) {
  expect_refused(RawClient::frame(2, "x", 0), 1003);
}

TEST(Connection, RefusesTextThatIsNotUtf8) {
  expect_refused(RawClient::frame(1, "caf\xC3("), 1007);
}
TEST(Connection, RefusesTextThatEndsInsideASequence) {
  expect_refused(RawClient::frame(1, "caf\xC3"), 1007);
}
TEST(Connection, RefusesFragmentedTextThatEndsInsideASequence) {
  expect_refused(RawClient::frame(1, "caf", 0) + RawClient::frame(0, "\xC3"), 1007);
}

TEST(Connection, RefusesAnAnnouncedSizeOverTheLimitAtOnce) {
  expect_refused(std::string("\x81\xFF\x00\x00\x00\x00\x01\xD9\x0F\x40\x00\x00\x00\x00", 14),
                 1009);  // 31,000,000
}
TEST(Connection, RefusesMoreThanItsOwnLimitUntilThatIsAnother) {
  TestServer server;
  server.next_peer.on_open = [](Peer& peer) { peer.connection->set_max_message_bytes(100); };
  server.next_peer.on_message = [](Peer& peer, const std::string&) {
    peer.connection->set_max_message_bytes(200);
  };
  const auto [client, peer] = server.open();
  client->send_text(std::string(100, 'x'));
  client->send_text(std::string(200, 'x'));
  client->send_text(std::string(201, 'x'));
  const auto close = client->read_frame();
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->close_code(), 1009);
  EXPECT_EQ(peer->messages.size(), 2u);
}
TEST(Connection, RefusesFragmentsThatTogetherPassTheLimit) {
  expect_refused(
      RawClient::frame(1, std::string(60000, 'x'), 0) + RawClient::frame(0, std::string(6000, 'x')),
      1009);
}

TEST(Connection, RefusesInvalidCloseCodes) {
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}) {
    expect_refused(RawClient::close_frame(code), 1002);
  }
}
TEST(Connection, RefusesACloseFrameOfOneByte) { expect_refused(RawClient::frame(8, "x"), 1002); }
TEST(Connection, RefusesACloseReasonThatIsNotUtf8) {
  expect_refused(RawClient::close_frame(1000, "\xC3("), 1007);
}

TEST(Connection, AnswersACloseWithTheSameCode) {
  for (const int code : {1000, 1001, 1011, 3000, 4999}) {
    const Verdict verdict = verdict_on(RawClient::close_frame(code, "done here"));

    EXPECT_EQ(verdict.code, code);
    EXPECT_TRUE(verdict.ended);
    ASSERT_EQ(verdict.peer->closes.size(), 1u);
    EXPECT_EQ(verdict.peer->closes[0].code, code);
    EXPECT_EQ(verdict.peer->closes[0].reason, "done here");
    EXPECT_TRUE(verdict.peer->closes[0].by_peer);
  }
}

TEST(Connection, AnswersACloseWithoutCodeByOneWithoutCode) {
  const Verdict verdict = verdict_on(RawClient::frame(8, ""));

  EXPECT_EQ(verdict.code, 1005);
  EXPECT_EQ(verdict.peer->closes.at(0).code, 1005);
}

TEST(Connection, DeliversNothingAfterTheClose) {
  const Verdict verdict = verdict_on(RawClient::close_frame(1000) + RawClient::frame(1, "late") +
                                     RawClient::frame(9, ""));

  EXPECT_TRUE(verdict.peer->messages.empty());
  EXPECT_TRUE(verdict.peer->pings.empty());
}

TEST(Connection, TellsALostPeerAs1006) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  client->finish_output();

  ASSERT_TRUE(server.run_until([&] { return !peer->closes.empty(); }));
  EXPECT_EQ(peer->closes[0].code, 1006);
  EXPECT_TRUE(peer->closes[0].by_peer);
}

TEST(Connection, CompletesItsOwnClose) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  peer->connection->close(1012, "restart");
  const auto frame = client->read_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->close_code(), 1012);
  EXPECT_EQ(frame->payload.substr(2), "restart");
  EXPECT_TRUE(peer->closes.empty());
  client->send(RawClient::close_frame(1012));

  EXPECT_TRUE(client->at_end());
  ASSERT_EQ(peer->closes.size(), 1u);
  EXPECT_EQ(peer->closes[0].code, 1012);
  EXPECT_FALSE(peer->closes[0].by_peer);
}

TEST(Connection, CutsAPeerThatNeverAnswersTheClose) {
  ServerOptions options;
  options.close_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  peer->connection->close(1000, "");

  ASSERT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
  EXPECT_EQ(peer->closes.size(), 1u);
  EXPECT_EQ(client->read_frame()->close_code(), 1000);
  EXPECT_TRUE(client->at_end());
}

TEST(Connection, CutsABlockedPeerAfterTheCloseTimeout) {
  ServerOptions options;
  options.close_timeout = std::chrono::milliseconds(50);
  TestServer server(options);
  const auto opened = server.open();
  const auto& peer = opened.second;
  refuse_sending();
  ASSERT_EQ(peer->connection->write("never taken"), WriteResult::kBlocked);

  peer->connection->close(4000, "slow");

  EXPECT_TRUE(server.run_until([&] { return server.disconnects == 1; }));
  EXPECT_EQ(peer->closes.at(0).code, 4000);
  allow_sending();
}

TEST(Connection, SendsTheCloseBehindTheFrameThatIsHeld) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  testing::refuse_after(3);
  ASSERT_EQ(peer->connection->write("held"), WriteResult::kKept);

  peer->connection->close(1000, "");

  EXPECT_EQ(client->read_frame()->payload, "held");
  EXPECT_EQ(client->read_frame()->close_code(), 1000);
}

unsigned segments_received(const RawClient& client) {
  tcp_info info{};
  socklen_t size = sizeof info;
  EXPECT_EQ(getsockopt(client.fd(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  return info.tcpi_data_segs_in;
}

// Behind a handshake most owners greet; in storms of clients each segment counts.
TEST(Connection, SendsItsFirstFrameWithTheAnswer) {
  TestServer server;
  server.next_peer.on_open = [](Peer& peer) {
    EXPECT_EQ(peer.connection->write("hello"), WriteResult::kDone);
  };
  const auto client = server.open().first;

  EXPECT_EQ(client->read_frame()->payload, "hello");
  EXPECT_EQ(segments_received(*client), 1u);
}

TEST(Connection, OpensWhereverTheKernelStops) {
  constexpr std::size_t kAnswerAndFrame = 129 + 7;
  for (std::size_t taken = 0; taken <= kAnswerAndFrame; ++taken) {
    TestServer server;
    server.next_peer.on_open = [&](Peer& peer) {
      testing::refuse_after(taken);
      EXPECT_EQ(peer.connection->write("hello"),
                taken < kAnswerAndFrame ? WriteResult::kKept : WriteResult::kDone)
          << taken;
    };
    const auto [client, peer] = server.open();

    const auto frame = client->read_frame();

    ASSERT_TRUE(frame) << taken;
    EXPECT_EQ(frame->payload, "hello") << taken;
    EXPECT_EQ(peer->connection->held_bytes(), 0u) << taken;
    allow_sending();
  }
}

// A reply and the snapshot behind it: half of what a subscription costs is the system call.
TEST(Connection, SendsTwoFramesOfOneCallbackTogether) {
  TestServer server;
  server.next_peer.on_message = [](Peer& peer, const std::string&) {
    EXPECT_EQ(peer.connection->write("reply"), WriteResult::kDone);
    EXPECT_EQ(peer.connection->write("snapshot"), WriteResult::kDone);
    EXPECT_EQ(peer.connection->write("more"), WriteResult::kDone);
  };
  const auto client = server.open().first;
  const unsigned before = segments_received(*client);

  client->send(RawClient::frame(1, "request"));

  EXPECT_EQ(client->read_frame()->payload, "reply");
  EXPECT_EQ(client->read_frame()->payload, "snapshot");
  EXPECT_EQ(client->read_frame()->payload, "more");
  EXPECT_EQ(segments_received(*client) - before, 2u);
}

TEST(Connection, SendsAReplyBeforeItAnswersTheCloseBehindTheRequest) {
  TestServer server;
  server.next_peer.on_message = [](Peer& peer, const std::string&) {
    EXPECT_EQ(peer.connection->write("reply"), WriteResult::kDone);
  };
  const auto client = server.open().first;

  client->send(RawClient::frame(1, "request") + RawClient::close_frame(1000));

  EXPECT_EQ(client->read_frame()->payload, "reply");
  EXPECT_EQ(client->read_frame()->close_code(), 1000);
}

TEST(Connection, LosesNothingOfACallbackWhereverTheKernelStops) {
  // What goes with the reply, and what is too long for it.
  for (const std::size_t size : {100U, 20'000U}) {
    for (std::size_t taken = 0; taken <= 20; ++taken) {
      const std::string text = pattern(size);
      TestServer server;
      const bool blocks = size > 16'384 && taken <= 7;  // only the reply, or not even that
      server.next_peer.on_message = [&](Peer& peer, const std::string&) {
        testing::refuse_after(taken);
        EXPECT_EQ(peer.connection->write("reply"), WriteResult::kDone);
        EXPECT_EQ(peer.connection->write(text), blocks ? WriteResult::kBlocked : WriteResult::kKept)
            << taken;
      };
      server.next_peer.on_writable = [&](Peer& peer) {
        if (blocks) {
          EXPECT_EQ(peer.connection->write(text), WriteResult::kDone);
        }
      };
      const auto client = server.open().first;

      client->send(RawClient::frame(1, "request"));

      EXPECT_EQ(client->read_frame()->payload, "reply") << taken;
      EXPECT_EQ(client->read_frame()->payload, text) << taken;
    }
  }
}

TEST(Connection, AnswersBeforeWhateverElseItDoes) {
  for (const bool close : {false, true}) {
    TestServer server;
    server.next_peer.on_open = [=](Peer& peer) {
      close ? peer.connection->close(4000, "") : (void)peer.connection->ping("first");
    };
    const auto client = server.connect();

    EXPECT_NE(client->upgrade().find(" 101 "), std::string::npos);
    const auto frame = client->read_frame();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->opcode, close ? 8 : 9);
  }
}

TEST(Connection, CutsTheReasonOfACloseAtACharacter) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  peer->connection->close(1000, std::string(122, 'x') + "\xE2\x82\xAC");

  EXPECT_EQ(client->read_frame()->payload.substr(2), std::string(122, 'x'));
}

TEST(Connection, SurvivesCloseAndAbortInEveryCallback) {
  const auto end = [](Peer& peer, bool abort) {
    if (peer.connection != nullptr) {
      abort ? peer.connection->abort() : peer.connection->close(1000, "");
      abort ? peer.connection->abort() : peer.connection->close(1000, "");  // twice is as once
    }
  };
  for (const bool abort : {false, true}) {
    for (int callback = 0; callback < 4; ++callback) {
      ServerOptions options;
      options.close_linger = std::chrono::milliseconds(10);
      TestServer server(options);
      Peer& plan = server.next_peer;
      if (callback == 0) {
        plan.on_open = [=](Peer& peer) { end(peer, abort); };
      } else if (callback == 1) {
        plan.on_message = [=](Peer& peer, const std::string&) { end(peer, abort); };
      } else if (callback == 2) {
        plan.on_control = [=](Peer& peer) { end(peer, abort); };
      } else {
        plan.on_message = [=](Peer& peer, const std::string&) {
          testing::refuse_after(0);
          EXPECT_EQ(peer.connection->write("x"), WriteResult::kDone);
          EXPECT_EQ(peer.connection->write("y"), WriteResult::kKept);
        };
        plan.on_writable = [=](Peer& peer) { end(peer, abort); };
      }
      const auto opened = server.open();
      const auto& client = opened.first;
      const auto& peer = opened.second;

      client->send(RawClient::frame(9, "a") + RawClient::frame(1, "b") + RawClient::frame(1, "c") +
                   RawClient::close_frame(1000));

      ASSERT_TRUE(server.run_until([&] { return server.disconnects == 1; })) << callback;
      EXPECT_EQ(peer->closes.size(), 1u) << callback;
    }
  }
}

TEST(Connection, StopsDeliveryInTheMiddleOfWhatWasReceived) {
  TestServer server;
  server.next_peer.on_message = [](Peer& peer, const std::string&) {
    peer.connection->pause_reading();
  };
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  client->send(RawClient::frame(1, "a") + RawClient::frame(1, "b") + RawClient::frame(1, "c"));

  server.settle();
  EXPECT_EQ(peer->messages, std::vector<std::string>{"a"});
  peer->connection->resume_reading();
  EXPECT_EQ(peer->messages.size(), 1u);  // never inside the call
  server.settle();

  EXPECT_EQ(peer->messages, (std::vector<std::string>{"a", "b"}));
}

TEST(Connection, HoldsLittleOfAPipelineWhileItIsPaused) {
  TestServer server;
  server.next_peer.on_message = [](Peer& peer, const std::string&) {
    peer.connection->pause_reading();
  };
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  const std::string message = RawClient::frame(1, std::string(1000, 'x'));

  std::size_t sent = 0;
  for (int idle = 0; idle < 50; ++idle) {
    while (const std::size_t taken = client->send_some(message)) {
      sent += taken;
      idle = 0;
      ASSERT_LT(sent, 100'000'000u) << "the server reads on";
    }
    server.loop.run_one(std::chrono::milliseconds(1));
  }

  EXPECT_EQ(peer->messages.size(), 1u);
}

TEST(Connection, AnswersOnlyTheLatestPing) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  client->send(RawClient::frame(9, "1") + RawClient::frame(9, "2") + RawClient::frame(9, "3"));

  const auto frame = client->read_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, 10);
  EXPECT_EQ(frame->payload, "3");
  EXPECT_EQ(peer->pings, (std::vector<std::string>{"1", "2", "3"}));
}

TEST(Connection, StaysSmallUnderPingsFromAPeerThatDoesNotRead) {
  ServerOptions options;
  options.send_buffer_bytes = 2048;
  TestServer server(options);
  testing::RawClientOptions client_options;
  client_options.receive_buffer_bytes = 2048;
  const auto opened = server.open(client_options);
  const auto& client = opened.first;
  const auto& peer = opened.second;
  const std::string pings = [] {
    std::string bytes;
    for (int i = 0; i < 100; ++i) {
      bytes += RawClient::frame(9, std::string(125, 'p'));
    }
    return bytes;
  }();

  std::size_t sent = 0;
  const auto flood = [&] {
    sent += client->send_some(pings.substr(sent % pings.size()));
    server.loop.run_one(std::chrono::milliseconds(1));
    return peer->connection->stalled_since().has_value();
  };
  ASSERT_TRUE(testing::pump_until([] {}, flood));
  const std::size_t sent_until_stalled = sent;
  for (int i = 0; i < 1000; ++i) {
    flood();
  }

  EXPECT_LE(peer->connection->held_bytes(), 2u * 127);
  EXPECT_LT(sent - sent_until_stalled, 20'000'000u) << "the server reads on";
  EXPECT_TRUE(peer->connection->stalled_since());
}

// Half-open peers and those that stop in the middle of a frame: the owner's limit on silence needs
// the time.
TEST(Connection, CountsWhatComesOfAMessageThatIsNotWholeYet) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  const std::uint64_t before = peer->connection->received_bytes();

  client->send(RawClient::frame(1, "half a frame").substr(0, 8));
  server.settle();

  EXPECT_EQ(peer->connection->received_bytes(), before + 8);
}

TEST(Connection, WritesHalfAFrame) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  EXPECT_TRUE(peer->connection->write_half("0123456789"));
  peer->connection->abort();

  EXPECT_FALSE(peer->connection->write_half("0"));
  EXPECT_EQ(client->read_to_end(), std::string("\x81\x0A") + "01234");
}

TEST(Connection, EndsWithAResetWhereOneIsWanted) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;

  opened.second->connection->reset();

  EXPECT_TRUE(server.run_until([&] { return opened.second->closes.size() == 1; }));
  char byte = 0;
  EXPECT_EQ(recv(client->fd(), &byte, 1, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, ECONNRESET);
}

TEST(Connection, SendsPingsAndDeliversPongs) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  EXPECT_TRUE(peer->connection->ping("t"));
  EXPECT_EQ(client->read_frame()->opcode, 9);
  client->send(RawClient::frame(10, "t"));

  EXPECT_TRUE(server.run_until([&] { return !peer->pongs.empty(); }));
  EXPECT_EQ(peer->pongs, std::vector<std::string>{"t"});
  EXPECT_FALSE(peer->connection->ping(std::string(126, 'x')));
}

TEST(Connection, KnowsItsPeer) {
  TestServer server;
  const auto opened = server.open();
  const auto& peer = opened.second;

  EXPECT_EQ(peer->connection->peer().host(), "127.0.0.1");
  EXPECT_NE(peer->connection->peer().port, 0);
}

TEST(Connection, IsClosedWithItsServer) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;

  server.server.reset();

  EXPECT_EQ(peer->closes.size(), 1u);
  EXPECT_EQ(server.disconnects, 1);
  EXPECT_TRUE(client->at_end());
}

TEST(Connection, MayBeAbortedJustBeforeItsServerGoes) {
  TestServer server;
  const auto opened = server.open();
  const auto& peer = opened.second;

  peer->connection->abort();
  server.server.reset();
  server.settle();

  EXPECT_EQ(peer->closes.size(), 1u);
  EXPECT_EQ(server.disconnects, 1);
}

}  // namespace
}  // namespace ticker::net
