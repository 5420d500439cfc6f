// Writes of a batch, over both ways to the kernel: what arrives is the same.
#include <ticker/net/server.hpp>

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <system_error>
#include <thread>

#include <ticker/testing/refusing_kernel.hpp>

#include "refusing_ring.hpp"
#include "test_server.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

}  // namespace

// Counts what this program allocates. Not inlined: GCC would then see malloc's memory deleted.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) {
    return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace ticker::net {
namespace {

using testing::allow_sending;
using testing::RawClient;
using testing::refuse_after;
using testing::refuse_sending;

ServerOptions options_for(WritePath path) {
  ServerOptions options;
  options.io_uring = path == WritePath::kIoUring;
  return options;
}

class Batch : public ::testing::TestWithParam<WritePath> {
 protected:
  void SetUp() override {
    const Server probe(server.loop, server, options());
    if (probe.write_path() != GetParam()) {
      const std::string missing = "skipped: no io_uring (" + probe.io_uring_refusal() + ")";
      ASSERT_EQ(std::getenv("TICKER_REQUIRE_ALL"), nullptr) << missing;
      GTEST_SKIP() << missing;
    }
  }
  static ServerOptions options() { return options_for(GetParam()); }
  // One write of each, as a batch of its own.
  void write(const std::vector<std::shared_ptr<Peer>>& peers, const std::string& text) {
    server.server->begin_batch();
    for (const auto& peer : peers) {
      answers.push_back(peer->connection->write(text));
    }
    server.server->end_batch();
  }

  TestServer server{options()};
  std::vector<WriteResult> answers;
};

INSTANTIATE_TEST_SUITE_P(Over, Batch, ::testing::Values(WritePath::kSendmsg, WritePath::kIoUring),
                         [](const auto& test) {
                           return test.param == WritePath::kIoUring ? "IoUring" : "Sendmsg";
                         });

TEST_P(Batch, TakesOneWriteOfEachConnection) {
  const auto [client, peer] = server.open();

  server.server->begin_batch();
  EXPECT_EQ(peer->connection->write("first"), WriteResult::kDone);
  EXPECT_EQ(peer->connection->write("second"), WriteResult::kBlocked);
  EXPECT_EQ(peer->connection->write("third"), WriteResult::kBlocked);
  server.server->end_batch();

  EXPECT_EQ(peer->writable, 0);
  server.settle();
  EXPECT_EQ(peer->writable, 1);
  EXPECT_EQ(client->read_frame()->payload, "first");
  EXPECT_EQ(peer->connection->write("second"), WriteResult::kDone);
  EXPECT_EQ(client->read_frame()->payload, "second");
}

TEST_P(Batch, LeavesTheNextBatchFree) {
  const auto [client, peer] = server.open();

  for (const std::string text : {"a", "b"}) {
    write({peer}, text);
  }

  EXPECT_EQ(answers, (std::vector{WriteResult::kDone, WriteResult::kDone}));
  EXPECT_EQ(client->read_frame()->payload, "a");
  EXPECT_EQ(client->read_frame()->payload, "b");
}

TEST_P(Batch, ForgetsConnectionsThatEndedInIt) {
  const auto [client, peer] = server.open();

  server.server->begin_batch();
  EXPECT_EQ(peer->connection->write("first"), WriteResult::kDone);
  EXPECT_EQ(peer->connection->write("second"), WriteResult::kBlocked);
  peer->connection->abort();
  server.server->end_batch();
  server.settle();

  EXPECT_EQ(peer->writable, 0);
  EXPECT_EQ(peer->closes.size(), 1u);
}

// Three connections; the kernel stops within the frame of the first or second, once, and the next
// send is refused whole.
TEST_P(Batch, ArrivesWholeWhereverTheKernelStops) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.open().first);
  }
  const std::string text = pattern(150);
  const std::size_t frame_size = text.size() + 4;
  for (std::size_t taken = 0; taken <= 2 * frame_size; ++taken) {
    answers.clear();
    std::vector<std::uint64_t> sent_before;
    std::vector<int> writable_before;
    for (const auto& peer : server.peers) {
      sent_before.push_back(peer->connection->sent_bytes());
      writable_before.push_back(peer->writable);
    }

    refuse_after(taken);
    write(server.peers, text);

    std::size_t in_kernel = 0;
    for (std::size_t i = 0; i < server.peers.size(); ++i) {
      const Connection& connection = *server.peers[i]->connection;
      const std::size_t sent = connection.sent_bytes() - sent_before[i];
      in_kernel += sent;
      // What was said to be taken is held where the kernel has not got it.
      const bool all_taken = answers[i] != WriteResult::kBlocked;
      ASSERT_EQ(connection.held_bytes(), all_taken ? frame_size - sent : 0) << taken << " " << i;
    }
    ASSERT_LT(in_kernel, 3 * frame_size) << taken;
    ASSERT_GE(in_kernel, taken);
    allow_sending();
    for (std::size_t i = 0; i < clients.size(); ++i) {
      Peer& peer = *server.peers[i];
      if (answers[i] == WriteResult::kBlocked) {
        ASSERT_TRUE(server.run_until([&] { return peer.writable > writable_before[i]; })) << taken;
        ASSERT_EQ(peer.connection->write(text), WriteResult::kDone) << taken;
      }
      const auto frame = clients[i]->read_frame();
      ASSERT_TRUE(frame) << taken << " " << i;
      ASSERT_EQ(frame->payload, text) << taken << " " << i;
      ASSERT_EQ(peer.connection->held_bytes(), 0u) << taken << " " << i;
    }
    server.settle();
  }
}

TEST_P(Batch, ReachesAnyNumberOfConnections) {
  constexpr std::size_t kConnections = 150;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < kConnections; ++i) {
    clients.push_back(server.open().first);
  }

  for (const std::size_t size : {100u, 3000u}) {
    answers.clear();
    write(server.peers, pattern(size));

    EXPECT_EQ(answers, std::vector(kConnections, WriteResult::kDone));
    for (const auto& client : clients) {
      const auto frame = client->read_frame();
      ASSERT_TRUE(frame);
      ASSERT_EQ(frame->payload, pattern(size));
    }
  }
}

TEST_P(Batch, CarriesMessagesOfAnyLength) {
  const auto [client, peer] = server.open();
  for (const std::size_t size :
       {0u, 1u, 125u, 126u, 1024u, 1025u, 8182u, 8183u, 65535u, 65536u, 300'000u}) {
    const std::uint64_t sent_before = peer->connection->sent_bytes();

    write({peer}, pattern(size));

    const auto frame = client->read_frame();
    ASSERT_TRUE(frame) << size;
    EXPECT_EQ(frame->payload, pattern(size)) << size;
    const std::uint64_t header = size < 126 ? 2 : size < 65536 ? 4 : 10;
    EXPECT_EQ(peer->connection->sent_bytes() - sent_before, header + size) << size;
  }
}

TEST_P(Batch, HoldsAtMostOneFrameForAFullSocket) {
  Narrow narrow(options());
  const std::string text = pattern(1000);
  Server& narrow_server = *narrow.server.server;
  int taken = 0;

  for (WriteResult result = WriteResult::kDone; result != WriteResult::kBlocked; ++taken) {
    narrow_server.begin_batch();
    result = narrow.peer->connection->write(text);
    narrow_server.end_batch();
  }
  --taken;

  EXPECT_GT(taken, 0);
  EXPECT_LE(narrow.peer->connection->held_bytes(), text.size() + 4);
  EXPECT_TRUE(narrow.peer->connection->stalled_since());
  EXPECT_EQ(narrow.peer->writable, 0);
  for (int i = 0; i < taken; ++i) {
    const auto frame = narrow.client->read_frame();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->payload, text) << i;
  }
  EXPECT_TRUE(narrow.server.run_until([&] { return narrow.peer->writable > 0; }));
  narrow.server.settle();
  EXPECT_EQ(narrow.peer->writable, 1);
}

TEST_P(Batch, KeepsTheOrderOfWhatElseIsSentInIt) {
  const auto [client, peer] = server.open();

  server.server->begin_batch();
  EXPECT_EQ(peer->connection->write("first"), WriteResult::kDone);
  EXPECT_TRUE(peer->connection->ping("second"));
  peer->connection->close(4001, "third");
  server.server->end_batch();

  EXPECT_EQ(client->read_frame()->payload, "first");
  EXPECT_EQ(client->read_frame()->payload, "second");
  EXPECT_EQ(client->read_frame()->close_code(), 4001);
}

// Another thread may open a descriptor at any time, and gets the number that was just closed.
TEST_P(Batch, SendsNothingToADescriptorThatBecameAnothers) {
  const auto [client, peer] = server.open();
  std::array<int, 2> other{};

  server.server->begin_batch();
  EXPECT_EQ(peer->connection->write("for one only"), WriteResult::kDone);
  peer->connection->abort();
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, other.data()), 0);
  server.server->end_batch();

  char byte = 0;
  for (const int fd : other) {
    EXPECT_EQ(recv(fd, &byte, 1, 0), -1);
  }
  close(other[0]);
  close(other[1]);
  EXPECT_EQ(client->read_frame()->payload, "for one only");
}

TEST_P(Batch, EndsTheConnectionWhenThePeerHasReset) {
  const auto [client, peer] = server.open();
  const auto [other_client, other] = server.open();
  peer->connection->pause_reading();
  client->reset();

  ASSERT_TRUE(server.run_until([&, peer = peer, other = other] {
    if (peer->connection != nullptr) {
      write({peer, other}, "x");
    }
    return !peer->closes.empty();
  }));

  EXPECT_EQ(peer->closes[0].code, 1006);
  EXPECT_TRUE(other->closes.empty());
  EXPECT_EQ(other_client->read_frame()->payload, "x");
}

TEST_P(Batch, SurvivesTheServersEndWithinIt) {
  const auto [client, peer] = server.open();

  server.server->begin_batch();
  EXPECT_EQ(peer->connection->write("last words"), WriteResult::kDone);
  server.server.reset();

  EXPECT_EQ(peer->closes.size(), 1u);
  EXPECT_EQ(client->read_frame()->payload, "last words");
}

// The path of a tick: nothing is taken from the heap, and nothing is left for the loop to do.
TEST_P(Batch, AllocatesAndPostsNothing) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(server.open().first);
  }
  const std::string text = pattern(150);
  server.settle();
  answers.reserve(1000);

  const std::size_t before = allocations.load();
  for (int i = 0; i < 10; ++i) {
    server.server->begin_batch();
    for (const auto& peer : server.peers) {
      answers.push_back(peer->connection->write(text));
    }
    server.server->end_batch();
  }

  EXPECT_EQ(allocations.load(), before);
  EXPECT_EQ(answers, std::vector(1000, WriteResult::kDone));
  EXPECT_FALSE(server.loop.run_one(std::chrono::milliseconds(0)));
}

// A send that had to wait would be given to a thread of the kernel's, which shows as one of ours.
TEST_P(Batch, NeverLeavesTheThread) {
  Narrow narrow(options());
  for (int i = 0; i < 20; ++i) {
    narrow.server.server->begin_batch();
    (void)narrow.peer->connection->write(pattern(8000));
    narrow.server.server->end_batch();
  }

  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    EXPECT_NE(name.rfind("iou-", 0), 0u) << name;
  }
}

// What of a ring's flush the kernel refuses: for a moment, then for good.
TEST_P(Batch, GoesOnWhenTheKernelRefusesItsRingForAMoment) {
  const auto [client, peer] = server.open();
  const auto [other_client, other] = server.open();
  for (const int error : {EAGAIN, EBUSY, EINTR}) {
    refused_submissions = {50, error};
    write({peer, other}, "all the same");
    refused_submissions = {};

    EXPECT_EQ(client->read_frame()->payload, "all the same");
    EXPECT_EQ(other_client->read_frame()->payload, "all the same");
  }

  EXPECT_EQ(server.server->write_path(), GetParam());
  EXPECT_TRUE(server.ring_losses.empty());
}

TEST_P(Batch, GoesOnWhenTheKernelRefusesItsRingForGood) {
  for (const int error : {EPERM, EAGAIN}) {
    TestServer each(options());
    const auto [client, peer] = each.open();
    const auto [other_client, other] = each.open();

    for (const std::string text : {"before", "while", "after"}) {
      refused_submissions = {text == "while" ? 1'000 : 0, error};
      each.server->begin_batch();
      EXPECT_EQ(peer->connection->write(text), WriteResult::kDone);
      EXPECT_EQ(other->connection->write(text), WriteResult::kDone);
      each.server->end_batch();
    }

    for (const auto* reader : {&client, &other_client}) {
      for (const std::string text : {"before", "while", "after"}) {
        const auto frame = (*reader)->read_frame();
        ASSERT_TRUE(frame);
        EXPECT_EQ(frame->payload, text);
      }
    }
    EXPECT_EQ(each.server->write_path(), WritePath::kSendmsg);
    // Told once, to whom it was promised.
    const std::vector<std::string> told{"io_uring_enter: " + std::generic_category().message(error)};
    EXPECT_EQ(each.ring_losses,
              GetParam() == WritePath::kIoUring ? told : std::vector<std::string>());
  }
}

// As a container's policy does: io_uring_setup() fails in this thread from now on.
void forbid_io_uring(int error) {
  std::array<sock_filter, 4> program{
      {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_io_uring_setup, 0, 1),
       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<unsigned>(error)),
       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)}};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

TEST(WritePath, IsSendmsgUnlessAskedFor) {
  const TestServer server;

  EXPECT_EQ(server.server->write_path(), WritePath::kSendmsg);
  EXPECT_EQ(server.server->io_uring_refusal(), "");
}

TEST(WritePath, FallsBackToSendmsgWhereIoUringIsRefused) {
  for (const int error : {ENOSYS, EPERM, EACCES}) {
    std::thread([error] {  // a thread of its own: the policy stays for its life
      forbid_io_uring(error);
      TestServer server(options_for(WritePath::kIoUring));
      const auto [client, peer] = server.open();

      server.server->begin_batch();
      EXPECT_EQ(peer->connection->write("all the same"), WriteResult::kDone);
      server.server->end_batch();

      EXPECT_EQ(server.server->write_path(), WritePath::kSendmsg);
      EXPECT_NE(server.server->io_uring_refusal(), "");
      EXPECT_EQ(client->read_frame()->payload, "all the same");
    })
        .join();
  }
}

}  // namespace
}  // namespace ticker::net
