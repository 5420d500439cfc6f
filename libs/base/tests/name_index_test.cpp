#include <ticker/base/name_index.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace ticker {
namespace {

TEST(NameIndex, FindsNamesOfEveryLengthAndTellsThemFromThoseNextToThem) {
  constexpr std::size_t kLongest = 70;
  NameIndex index;
  const auto name = [](std::size_t size) { return std::string(size, 'A'); };
  for (std::size_t size = 0; size <= kLongest; ++size) {
    index.emplace(name(size), static_cast<std::uint32_t>(size));
  }

  for (std::size_t size = 0; size <= kLongest; ++size) {
    ASSERT_EQ(index.find(name(size)), size);
    for (std::size_t i = 0; i < size; ++i) {
      for (const char other : {'B', '\0', '\xC1'}) {
        auto changed = name(size);
        changed[i] = other;
        ASSERT_EQ(index.find(changed), std::nullopt) << size << ", character " << i;
      }
    }
  }
  EXPECT_EQ(index.find(name(kLongest + 1)), std::nullopt);
}

TEST(NameIndex, KnowsNothingAtFirstNotEvenTheEmptyName) {
  const NameIndex index;

  EXPECT_EQ(index.find(""), std::nullopt);
  EXPECT_EQ(index.find("A"), std::nullopt);
  EXPECT_EQ(index.find(std::string(1, '\0')), std::nullopt);
}

TEST(NameIndex, KeepsTheNumberThatANameHadFirst) {
  NameIndex index;
  index.emplace("BTCUSDT", 1);
  index.emplace("BTCUSDT", 2);

  EXPECT_EQ(index.find("BTCUSDT"), 1U);
}

// So many names that the runs of some homes are full, while it grows and at its end.
TEST(NameIndex, AgreesWithAMapWhateverTheNamesAre) {
  constexpr std::uint32_t kNames = 20'000;
  std::mt19937 random(7);
  NameIndex index;
  std::map<std::string, std::uint32_t> map;
  const auto make = [&] {
    std::string name(random() % 30, '\0');
    for (auto& c : name) {
      c = static_cast<char>(random() % 4 == 0 ? random() % 256 : 'A' + random() % 3);
    }
    return name;
  };
  const auto number_in_map = [&](const std::string& name) {
    const auto found = map.find(name);
    return found == map.end() ? std::nullopt : std::optional(found->second);
  };
  for (std::uint32_t number = 0; number < kNames; ++number) {
    const auto name = make();
    map.emplace(name, number);
    index.emplace(name, number);
    ASSERT_EQ(index.find(name), number_in_map(name));
    const auto other = make();
    ASSERT_EQ(index.find(other), number_in_map(other));
  }

  for (const auto& [name, number] : map) {
    ASSERT_EQ(index.find(name), number);
  }
}

}  // namespace
}  // namespace ticker
