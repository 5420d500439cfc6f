#include <ticker/recording/block.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace ticker::recording {
namespace {

constexpr std::string_view kKinds = "rbscdlt";  // in the order of the enumerators
static_assert(kKinds.size() == kKindCount);
constexpr std::size_t kMaxPrefix = 64;

// A number and the space behind it; nullptr: there is none.
template <typename Number>
const char* parse_number(const char* text, const char* end, Number& number) {
  const auto [behind, error] = std::from_chars(text, end, number);
  return error == std::errc() && behind != end && *behind == ' ' ? behind + 1 : nullptr;
}

}  // namespace

void Block::append(const Record& record) {
  std::array<char, kMaxPrefix> prefix;
  char* const end = prefix.data() + prefix.size();
  char* at = std::to_chars(prefix.data(), end, record.receive_ns).ptr;
  *at++ = ' ';
  *at++ = kKinds[static_cast<std::size_t>(record.kind)];
  *at++ = ' ';
  at = std::to_chars(at, end, record.connection).ptr;
  *at++ = ' ';
  at = std::to_chars(at, end, record.bytes.size()).ptr;
  *at++ = ' ';
  text_.append(prefix.data(), static_cast<std::size_t>(at - prefix.data()));
  text_.append(record.bytes) += '\n';
  ++records_;
  first_ns_ = std::min(first_ns_, record.receive_ns);
  last_ns_ = std::max(last_ns_, record.receive_ns);
}

void Block::clear() {
  // Memory that one long message took is not kept.
  if (text_.capacity() > 4 * kTarget) {
    text_ = {};
  }
  text_.clear();
  records_ = 0;
  first_ns_ = std::numeric_limits<std::int64_t>::max();
  last_ns_ = std::numeric_limits<std::int64_t>::min();
}

char* parse_record(char* text, char* end, Record& record) {
  const char* at = parse_number(text, end, record.receive_ns);
  if (at == nullptr || end - at < 2 || at[1] != ' ') {
    return nullptr;
  }
  const auto kind = kKinds.find(*at);
  at = parse_number(at + 2, end, record.connection);
  std::size_t size = 0;
  at = at == nullptr ? nullptr : parse_number(at, end, size);
  if (at == nullptr || kind == std::string_view::npos ||
      size >= static_cast<std::size_t>(end - at) || at[size] != '\n') {
    return nullptr;
  }
  record.kind = static_cast<Kind>(kind);
  record.bytes = {at, size};
  return text + (at - text) + size + 1;
}

}  // namespace ticker::recording
