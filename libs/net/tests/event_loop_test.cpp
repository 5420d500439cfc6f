#include <ticker/net/event_loop.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <thread>
#include <vector>

#include <ticker/net/signal_set.hpp>
#include <ticker/net/timer.hpp>

namespace ticker::net {
namespace {

using std::chrono::milliseconds;

bool run_until(EventLoop& loop, const std::function<bool()>& done) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done() && std::chrono::steady_clock::now() < until) {
    loop.run_one(milliseconds(10));
  }
  return done();
}

TEST(EventLoop, RunsPostedWorkInOrderOnItsOwnThread) {
  EventLoop loop;
  std::vector<int> order;
  std::vector<std::thread::id> threads;

  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) {
      loop.post([&, i] {
        order.push_back(i);
        threads.push_back(std::this_thread::get_id());
      });
    }
    loop.post([&] { loop.stop(); });
  });
  loop.run();
  poster.join();

  ASSERT_EQ(order.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  }
  EXPECT_EQ(threads.front(), std::this_thread::get_id());
}

TEST(EventLoop, StopsFromAnotherThreadWithNothingToDo) {
  EventLoop loop;
  std::thread stopper([&] { loop.stop(); });

  loop.run();

  stopper.join();
  SUCCEED();
}

TEST(EventLoop, NeverRunsPostedWorkInsideTheCall) {
  EventLoop loop;
  bool ran = false;

  loop.post([&] {
    loop.post([&] { ran = true; });
    EXPECT_FALSE(ran);
  });

  EXPECT_TRUE(run_until(loop, [&] { return ran; }));
}

TEST(Timer, CallsBackOnceAndCanBeStartedInItsCallback) {
  EventLoop loop;
  int calls = 0;
  std::optional<Timer> timer;
  timer.emplace(loop, [&] {
    EXPECT_FALSE(timer->armed());
    if (++calls < 3) {
      timer->start(milliseconds(1));
    }
  });

  timer->start(milliseconds(1));

  EXPECT_TRUE(run_until(loop, [&] { return calls == 3; }));
  EXPECT_FALSE(loop.run_one(milliseconds(10)));
  EXPECT_EQ(calls, 3);
}

// Both are due in the same turn of the loop: the second's handler is under way when the first
// cancels it.
TEST(Timer, NeverCallsBackAfterCancelOrDestruction) {
  EventLoop loop;
  int calls = 0;
  auto second = std::make_unique<Timer>(loop, [&] { ++calls; });
  Timer cancelled(loop, [&] { ++calls; });
  Timer first(loop, [&] {
    cancelled.cancel();
    second.reset();
  });
  const TimePoint due = std::chrono::steady_clock::now();

  first.start_at(due);
  second->start_at(due + milliseconds(1));
  cancelled.start_at(due + milliseconds(1));
  while (std::chrono::steady_clock::now() < due + milliseconds(2)) {
  }
  while (loop.run_one(milliseconds(5))) {
  }

  EXPECT_EQ(calls, 0);
}

TEST(Timer, ForgetsTheEarlierStart) {
  EventLoop loop;
  std::vector<TimePoint> calls;
  Timer timer(loop, [&] { calls.push_back(std::chrono::steady_clock::now()); });
  const TimePoint due = std::chrono::steady_clock::now() + milliseconds(30);

  timer.start(milliseconds(0));
  timer.start_at(due);

  EXPECT_TRUE(run_until(loop, [&] { return !calls.empty(); }));
  EXPECT_EQ(calls.size(), 1u);
  EXPECT_GE(calls[0], due);
}

TEST(Timer, MayBeDestroyedInItsCallback) {
  EventLoop loop;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] { timer.reset(); });

  timer->start(milliseconds(0));

  EXPECT_TRUE(run_until(loop, [&] { return timer == nullptr; }));
}

TEST(SignalSet, DeliversEachSignalOnTheLoop) {
  EventLoop loop;
  std::vector<int> signals;
  {
    const SignalSet set(loop, {SIGUSR1, SIGUSR2}, [&](int signal) { signals.push_back(signal); });

    raise(SIGUSR1);
    EXPECT_TRUE(run_until(loop, [&] { return signals.size() == 1; }));
    raise(SIGUSR2);
    EXPECT_TRUE(run_until(loop, [&] { return signals.size() == 2; }));
  }

  EXPECT_EQ(signals, (std::vector<int>{SIGUSR1, SIGUSR2}));
}

}  // namespace
}  // namespace ticker::net
