#include <ticker/net/connection.hpp>

#include <gtest/gtest.h>

#include <ticker/testing/refusing_kernel.hpp>

#include "test_server.hpp"

namespace ticker::net {
namespace {

using testing::allow_sending;
using testing::refuse_after;
using testing::refuse_sending;

WriteResult write_in_slices(Connection& connection, const std::string& text,
                            std::size_t slice_size) {
  std::vector<Slice> slices;
  for (std::size_t at = 0; at < text.size(); at += slice_size) {
    slices.push_back({text.data() + at, std::min(slice_size, text.size() - at)});
  }
  return connection.write(slices.data(), slices.size());
}

// Writes until the socket is full; how many messages were taken, and how the last write was
// answered.
std::pair<int, WriteResult> fill(Narrow& narrow, const std::string& text) {
  int taken = 0;
  for (;;) {
    const WriteResult result = narrow.peer->connection->write(text);
    if (result == WriteResult::kBlocked) {
      return {taken, result};
    }
    ++taken;
    if (result == WriteResult::kKept) {
      return {taken, result};
    }
  }
}

TEST(Write, ArrivesWholeWhereverTheKernelStops) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  const std::string text = pattern(
      1200);  // too long to be put together first, more slices than one system call is given
  const std::size_t frame_size = text.size() + 4;
  for (std::size_t taken = 0; taken <= frame_size; ++taken) {
    const int writable_before = peer->writable;

    refuse_after(taken);
    const WriteResult result = write_in_slices(*peer->connection, text, 3);

    const WriteResult expected = taken == 0           ? WriteResult::kBlocked
                                 : taken < frame_size ? WriteResult::kKept
                                                      : WriteResult::kDone;
    ASSERT_EQ(result, expected) << taken;
    ASSERT_EQ(peer->connection->held_bytes(), result == WriteResult::kKept ? frame_size - taken : 0)
        << taken;
    allow_sending();
    if (result != WriteResult::kDone) {
      ASSERT_TRUE(server.run_until([&] { return peer->writable == writable_before + 1; })) << taken;
    }
    if (result == WriteResult::kBlocked) {
      ASSERT_EQ(peer->connection->write(text), WriteResult::kDone) << taken;
    }
    const auto frame = client->read_frame();
    ASSERT_TRUE(frame) << taken;
    ASSERT_EQ(frame->payload, text) << taken;
    ASSERT_EQ(peer->connection->held_bytes(), 0u) << taken;
  }
}

TEST(Write, UsesTheShortestHeaderForEveryLength) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    const std::string text = pattern(size);
    const std::uint64_t sent_before = peer->connection->sent_bytes();

    EXPECT_NE(write_in_slices(*peer->connection, text, 1000), WriteResult::kBlocked) << size;

    const auto frame = client->read_frame();
    ASSERT_TRUE(frame) << size;
    EXPECT_EQ(frame->opcode, 1) << size;
    EXPECT_EQ(frame->payload, text) << size;
    const std::uint64_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
    EXPECT_EQ(peer->connection->sent_bytes() - sent_before, header + size) << size;
  }
}

TEST(Write, KeepsAtMostTheRestOfOneFrame) {
  Narrow narrow;
  const std::string text = pattern(1000);

  const auto [taken, last] = fill(narrow, text);

  EXPECT_GT(taken, 0);
  EXPECT_LE(narrow.peer->connection->held_bytes(), text.size() + 4);
  EXPECT_EQ(narrow.peer->connection->write(text), WriteResult::kBlocked);
  EXPECT_LE(narrow.peer->connection->held_bytes(), text.size() + 4);
  for (int i = 0; i < taken; ++i) {
    const auto frame = narrow.client->read_frame();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->payload, text) << i;
  }
}

TEST(Write, TellsWritableOnceForSeveralRefusals) {
  Narrow narrow;
  const std::string text = pattern(1000);
  const auto [taken, last] = fill(narrow, text);
  EXPECT_EQ(narrow.peer->connection->write(text), WriteResult::kBlocked);
  EXPECT_EQ(narrow.peer->connection->write(text), WriteResult::kBlocked);
  EXPECT_EQ(narrow.peer->writable, 0);

  for (int i = 0; i < taken; ++i) {
    ASSERT_TRUE(narrow.client->read_frame());
  }
  narrow.server.run_until([&] { return narrow.peer->writable > 0; });
  narrow.server.settle();

  EXPECT_EQ(narrow.peer->writable, 1);
}

TEST(Write, NeverTellsWritableUnasked) {
  TestServer server;
  const auto opened = server.open();
  const auto& peer = opened.second;

  EXPECT_EQ(peer->connection->write("text"), WriteResult::kDone);
  server.settle();

  EXPECT_EQ(peer->writable, 0);
}

TEST(Write, CarriesAMessageLargerThanAllBuffers) {
  Narrow narrow;
  const std::string text = pattern(300'000);

  const std::uint64_t sent_before = narrow.peer->connection->sent_bytes();
  EXPECT_EQ(write_in_slices(*narrow.peer->connection, text, 777), WriteResult::kKept);

  const auto frame = narrow.client->read_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->payload, text);
  EXPECT_EQ(narrow.peer->connection->sent_bytes() - sent_before, text.size() + 10);
}

TEST(Write, TellsSinceWhenOutputIsStalled) {
  Narrow narrow;
  EXPECT_FALSE(narrow.peer->connection->stalled_since());

  const auto before = std::chrono::steady_clock::now();
  fill(narrow, pattern(1000));

  ASSERT_TRUE(narrow.peer->connection->stalled_since());
  EXPECT_GE(*narrow.peer->connection->stalled_since(), before);
}

TEST(Write, MovesStalledSinceForwardWhenBytesAreTaken) {
  TestServer server;
  const auto opened = server.open();
  const auto& peer = opened.second;
  refuse_after(10);
  ASSERT_EQ(peer->connection->write(pattern(1000)), WriteResult::kKept);
  const TimePoint stalled = *peer->connection->stalled_since();

  refuse_after(10);
  server.run_until([&] { return peer->connection->stalled_since() != stalled; });

  ASSERT_TRUE(peer->connection->stalled_since());
  EXPECT_GT(*peer->connection->stalled_since(), stalled);
  allow_sending();
  server.settle();
  EXPECT_FALSE(peer->connection->stalled_since());
}

TEST(Write, ReadsNothingWhileOutputWaits) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  refuse_after(3);
  ASSERT_EQ(peer->connection->write("refused"), WriteResult::kKept);
  refuse_sending();

  client->send_text("request");
  for (int i = 0; i < 20; ++i) {
    server.loop.run_one(std::chrono::milliseconds(1));
  }

  EXPECT_TRUE(peer->messages.empty());
  allow_sending();
  EXPECT_TRUE(server.run_until([&] { return !peer->messages.empty(); }));
}

TEST(Write, IsAnsweredClosedAfterTheEnd) {
  TestServer server;
  const auto opened = server.open();
  const auto& peer = opened.second;

  peer->connection->close(1000, "");

  EXPECT_EQ(peer->connection->write("late"), WriteResult::kClosed);
}

TEST(Write, EndsTheConnectionWhenThePeerHasReset) {
  TestServer server;
  const auto opened = server.open();
  const auto& client = opened.first;
  const auto& peer = opened.second;
  peer->connection->pause_reading();
  client->reset();

  server.run_until(
      [&] { return peer->connection->write("into the void") == WriteResult::kClosed; });

  EXPECT_TRUE(peer->closes.empty());  // told later, not inside the call
  EXPECT_TRUE(server.run_until([&] { return !peer->closes.empty(); }));
  EXPECT_EQ(peer->closes[0].code, 1006);
}

}  // namespace
}  // namespace ticker::net
