#include "fd_watch.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <utility>

namespace ticker::net {
namespace {

using std::chrono::milliseconds;

// A watched socket and the peer's end of it.
class Watched final : private FdEvents {
 public:
  explicit Watched(EventLoop& loop) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    watch = FdWatch(loop, ends[0], this);
    peer_ = ends[1];
  }
  ~Watched() { hang_up(); }

  void receives() { EXPECT_EQ(send(peer_, "x", 1, MSG_NOSIGNAL), 1); }
  void hang_up() {
    if (peer_ >= 0) {
      ::close(std::exchange(peer_, -1));
    }
  }

  FdWatch watch;
  std::function<void()> then = [] {};
  int readable = 0;
  int writable = 0;

 private:
  void on_fd_readable() override {
    ++readable;
    then();
  }
  void on_fd_writable() override { ++writable; }
  void on_fd_failed(int error) override { ADD_FAILURE() << error; }

  int peer_ = -1;
};

void run_until(EventLoop& loop, const std::function<bool()>& done) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done() && std::chrono::steady_clock::now() < until) {
    loop.run_one(milliseconds(10));
  }
  EXPECT_TRUE(done());
}

// The loop has nothing left to do.
void expect_rest(EventLoop& loop) {
  int turns = 0;
  while (turns < 100 && loop.run_one(milliseconds(5))) {
    ++turns;
  }
  EXPECT_LT(turns, 100);
}

TEST(FdWatch, TellsOnceForEachWishWhileBytesWait) {
  EventLoop loop;
  Watched socket(loop);
  socket.receives();

  socket.watch.want_read();
  socket.watch.want_read();
  run_until(loop, [&] { return socket.readable == 1; });
  expect_rest(loop);
  EXPECT_EQ(socket.readable, 1);

  socket.watch.want_read();
  run_until(loop, [&] { return socket.readable == 2; });
  expect_rest(loop);
  EXPECT_EQ(socket.readable, 2);
}

// Registered for anything, a level-triggered descriptor tells of a hang-up for ever.
TEST(FdWatch, LetsTheLoopRestWhereAPeerHungUpAndNobodyReads) {
  EventLoop loop;
  Watched socket(loop);

  socket.watch.want_write();
  run_until(loop, [&] { return socket.writable == 1; });
  socket.hang_up();
  expect_rest(loop);
  EXPECT_EQ(socket.readable, 0);

  socket.watch.want_read();
  run_until(loop, [&] { return socket.readable == 1; });
  expect_rest(loop);
  EXPECT_EQ(socket.writable, 1);
}

TEST(FdWatch, ReadsOnAfterOutputWasWaitedFor) {
  EventLoop loop;
  Watched socket(loop);
  socket.then = [&] { socket.watch.want_read(); };

  socket.watch.want_read();
  socket.watch.want_write();
  run_until(loop, [&] { return socket.writable == 1; });
  expect_rest(loop);
  EXPECT_EQ(socket.readable, 0);

  socket.receives();
  run_until(loop, [&] { return socket.readable >= 2; });
  EXPECT_EQ(socket.writable, 1);
}

TEST(FdWatch, TellsNobodyWhoWasClosedByAnotherThatWasReadyToo) {
  EventLoop loop;
  std::array<std::unique_ptr<Watched>, 2> sockets{std::make_unique<Watched>(loop),
                                                  std::make_unique<Watched>(loop)};
  int told = 0;
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    sockets[i]->then = [&, other = 1 - i] {
      ++told;
      sockets[other].reset();
    };
    sockets[i]->receives();
    sockets[i]->watch.want_read();
  }

  run_until(loop, [&] { return told > 0; });
  expect_rest(loop);

  EXPECT_EQ(told, 1);
}

TEST(FdWatch, TellsNoMoreOnceTheLoopIsStopped) {
  EventLoop loop;
  std::array<Watched, 2> sockets{Watched(loop), Watched(loop)};
  int told = 0;
  for (Watched& socket : sockets) {
    socket.then = [&] {
      ++told;
      loop.stop();
    };
    socket.receives();
    socket.watch.want_read();
  }

  loop.run();
  EXPECT_EQ(told, 1);

  loop.run();
  EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace ticker::net
