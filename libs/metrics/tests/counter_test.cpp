#include <ticker/metrics/counter.hpp>

#include <thread>

#include <gtest/gtest.h>

namespace ticker::metrics {
namespace {

TEST(Counter, AddsOneUnlessTold) {
  Counter counter;

  counter.add();
  counter.add(41);

  EXPECT_EQ(counter.value(), 42u);
}

TEST(Counter, IsReadWhileItsThreadWrites) {
  constexpr std::uint64_t kAdds = 100'000;
  Counter counter;
  std::uint64_t seen = 0;

  std::thread writer([&counter] {
    for (std::uint64_t i = 0; i < kAdds; ++i) {
      counter.add();
    }
  });
  bool went_back = false;
  while (seen < kAdds) {
    const std::uint64_t now = counter.value();
    went_back = went_back || now < seen;
    seen = now;
  }
  writer.join();

  EXPECT_FALSE(went_back);
  EXPECT_EQ(counter.value(), kAdds);
}

TEST(Gauge, GoesUpAndDown) {
  Gauge gauge;

  gauge.set(10);
  gauge.add(-12);

  EXPECT_EQ(gauge.value(), -2);
}

}  // namespace
}  // namespace ticker::metrics
