#include <ticker/base/ids.hpp>

#include <random>

namespace ticker {

std::string random_epoch() {
  std::random_device source;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int word = 0; word < 2; ++word) {
    auto bits = static_cast<std::uint32_t>(source());
    for (int digit = 0; digit < 8; ++digit, bits >>= 4) {
      text.push_back(kDigits[bits & 0xF]);
    }
  }
  return text;
}

}  // namespace ticker
