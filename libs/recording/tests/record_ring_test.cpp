#include "record_ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>

namespace ticker::recording {
namespace {

Record received(std::int64_t ns, std::string_view bytes) { return {ns, Kind::kReceived, 3, bytes}; }

TEST(RecordRing, GivesRecordsInOrder) {
  RecordRing ring(4'096);
  EXPECT_EQ(ring.front(), nullptr);
  ASSERT_TRUE(ring.push({7, Kind::kSent, 2, "hello"}));
  ASSERT_TRUE(ring.push({8, Kind::kDisconnected, 4'000'000'000, ""}));
  ASSERT_NE(ring.front(), nullptr);
  EXPECT_EQ(ring.front()->receive_ns, 7);
  EXPECT_EQ(ring.front()->kind, Kind::kSent);
  EXPECT_EQ(ring.front()->connection, 2U);
  EXPECT_EQ(ring.front()->bytes, "hello");
  ring.pop();
  EXPECT_EQ(ring.front()->receive_ns, 8);
  EXPECT_EQ(ring.front()->connection, 4'000'000'000U);
  EXPECT_EQ(ring.front()->bytes, "");
  ring.pop();
  EXPECT_EQ(ring.front(), nullptr);
}

TEST(RecordRing, RefusesWhatFindsNoRoom) {
  RecordRing ring(1'000);
  EXPECT_FALSE(ring.push(received(1, std::string(1'000, 'x'))));
  std::size_t taken = 0;
  while (ring.push(received(2, std::string(100, 'y')))) {
    ++taken;
  }
  EXPECT_EQ(taken, 8U);  // 24 bytes more each
  ring.front();
  ring.pop();
  EXPECT_TRUE(ring.push(received(3, std::string(100, 'z'))));
  EXPECT_FALSE(ring.push(received(4, "")) && ring.push(received(4, std::string(100, 'z'))));
}

// Sizes that leave every kind of rest at the ring's end.
TEST(RecordRing, KeepsBytesWholeWhereverTheyFall) {
  for (const std::size_t capacity : {1'000U, 1'001U, 1'027U}) {
    RecordRing ring(capacity);
    std::mt19937 random(1);
    std::deque<std::string> expected;
    for (int round = 0; round < 20'000; ++round) {
      std::string bytes(random() % (capacity / 4), static_cast<char>('a' + round % 26));
      if (ring.push(received(round, bytes))) {
        expected.push_back(std::move(bytes));
      }
      for (auto count = random() % 3; count > 0 && !expected.empty(); --count) {
        ASSERT_NE(ring.front(), nullptr);
        ASSERT_EQ(ring.front()->bytes, expected.front());
        ring.pop();
        expected.pop_front();
      }
      ASSERT_EQ(ring.front() == nullptr, expected.empty());
    }
  }
}

TEST(RecordRing, PassesRecordsFromOneThreadToAnother) {
  constexpr std::int64_t kCount = 200'000;
  RecordRing ring(10'000);
  std::thread pushing([&ring] {
    for (std::int64_t number = 0; number < kCount;) {
      const std::string bytes(static_cast<std::size_t>(number % 500), 'x');
      if (ring.push(received(number, bytes))) {
        ++number;
      } else {
        std::this_thread::yield();
      }
    }
  });
  for (std::int64_t number = 0; number < kCount;) {
    const auto* record = ring.front();
    if (record == nullptr) {
      std::this_thread::yield();
      continue;
    }
    EXPECT_EQ(record->receive_ns, number);
    EXPECT_EQ(record->bytes.size(), static_cast<std::size_t>(number % 500));
    ring.pop();
    ++number;
  }
  pushing.join();
}

}  // namespace
}  // namespace ticker::recording
