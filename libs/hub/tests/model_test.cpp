// Random clients against a random market: whatever happens, at every quiet point a client that
// follows the protocol to the letter holds exactly the market's state. A failing run is shrunk and
// printed as steps that can be pasted into a test.
#include <ticker/hub/hub.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "model/world.hpp"

namespace ticker::hub::model {
namespace {

using Op = Step::Op;

constexpr std::size_t kStepsPerRun = 1'000;
constexpr std::uint64_t kRunsPerSeed = 10;

World::Size size_of(std::uint64_t seed) {
  constexpr std::size_t kFrameBytes[] = {400, 1'500, 262'144};
  constexpr std::size_t kRings[] = {4, 16, 1'000};
  return {kFrameBytes[seed % 3], kRings[seed / 12 % 3],
          seed % 2 == 0 ? std::size_t{4} : std::size_t{1'000}};
}

std::vector<Step> make_steps(std::uint64_t seed) {
  // How often a step is taken, in parts of the sum, in the order of Op: a bit of everything;
  // sockets that block and connections that end; instruments and entries that come and go; passes
  // that changes fall into.
  constexpr int kWeights[][static_cast<std::size_t>(Op::kOps)] = {
      {220, 60, 15, 18, 12, 8, 4, 130, 8, 6, 2, 70, 10, 14, 6, 4, 90, 35, 8, 50, 60, 14},
      {120, 20, 5, 10, 8, 2, 1, 150, 4, 2, 1, 5, 5, 60, 60, 2, 60, 10, 2, 130, 90, 40},
      {80, 25, 5, 30, 60, 12, 8, 150, 4, 2, 1, 25, 5, 10, 4, 2, 120, 120, 2, 15, 20, 50},
      {260, 5, 2, 6, 10, 2, 1, 260, 2, 1, 1, 2, 2, 4, 50, 1, 70, 5, 2, 130, 70, 30},
  };
  const auto& weights = kWeights[seed / 3 % std::size(kWeights)];
  std::mt19937_64 random(seed);
  std::discrete_distribution<int> ops(std::begin(weights), std::end(weights));
  std::vector<Step> steps;
  for (std::size_t index = 0; index < kStepsPerRun; ++index) {
    const auto number = [&] { return static_cast<std::uint32_t>(random() % 5'040); };
    steps.push_back(
        {static_cast<Op>(ops(random)), number(), number(), number(), number(), number()});
  }
  steps.push_back({Op::kQuiet});
  return steps;
}

struct Failure {
  std::size_t steps = 0;  // that were taken, the failing one included
  std::string what;       // empty: none
};

Failure run(const std::vector<Step>& steps, World::Size size) {
  World world(size);
  for (std::size_t index = 0; index < steps.size(); ++index) {
    if (auto what = world.run(steps[index]); !what.empty()) {
      return {index + 1, what};
    }
  }
  return {};
}

// Leaves out ever smaller stretches of steps for as long as some failure is left.
std::vector<Step> shrink(std::vector<Step> steps, World::Size size) {
  for (std::size_t stretch = steps.size() / 2; stretch > 0;
       stretch = stretch == 1 ? 0 : (stretch + 1) / 2) {
    for (bool shorter = true; shorter;) {
      shorter = false;
      for (std::size_t at = 0; at + stretch <= steps.size();) {
        std::vector<Step> fewer = steps;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at),
                    fewer.begin() + static_cast<std::ptrdiff_t>(at + stretch));
        const Failure failure = run(fewer, size);
        if (failure.what.empty()) {
          at += stretch;
        } else {
          fewer.resize(failure.steps);
          steps = std::move(fewer);
          shorter = true;
        }
      }
    }
  }
  return steps;
}

std::string script(const std::vector<Step>& steps) {
  std::string out;
  for (const Step& step : steps) {
    out += "    " + describe(step) + "\n";
  }
  return out;
}

class Model : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(Model, EveryClientHoldsTheMarketsStateAtEveryQuietPoint) {
  for (std::uint64_t turn = 0; turn < kRunsPerSeed; ++turn) {
    const std::uint64_t seed = GetParam() * kRunsPerSeed + turn;
    std::vector<Step> steps = make_steps(seed);
    const Failure failure = run(steps, size_of(seed));
    if (!failure.what.empty()) {
      steps.resize(failure.steps);
      steps = shrink(std::move(steps), size_of(seed));
      FAIL() << "seed " << seed << ": " << run(steps, size_of(seed)).what << "\nafter\n"
             << script(steps);
    }
  }
  std::cout << "seeds " << GetParam() * kRunsPerSeed << " to "
            << (GetParam() + 1) * kRunsPerSeed - 1 << ", " << kStepsPerRun * kRunsPerSeed
            << " steps\n";
}

// 100,000 steps in all. TICKER_MODEL_SEED=N runs others.
std::vector<std::uint64_t> seeds() {
  const char* first = std::getenv("TICKER_MODEL_SEED");
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    all.push_back(seed + (first == nullptr ? 0 : std::strtoull(first, nullptr, 10)));
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model, ::testing::ValuesIn(seeds()));

}  // namespace
}  // namespace ticker::hub::model
