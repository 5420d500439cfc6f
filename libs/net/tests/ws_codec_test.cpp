#include "ws_codec.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "websocketpp_config.hpp"

namespace ticker::net {
namespace {

using Event = WsCodec::Event;

// Mostly ASCII, with characters of each length, also torn apart, and now and then a byte of none.
std::string text_of(std::mt19937& random) {
  const char* const pieces[] = {"a",        "0123456789",   "{\"bid\":\"61000.10\"}",
                                "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x92\xB0",
                                "\x7F",     "01234567",     "\xE2",
                                "\x82\xAC"};
  std::string text;
  for (unsigned i = 0; i < random() % 12; ++i) {
    text += pieces[random() % std::size(pieces)];
  }
  if (!text.empty() && random() % 2 == 0) {
    text[random() % text.size()] = static_cast<char>(random() % 256);
  }
  return text;
}

// As a server sends it, which is whole where `fin`.
std::string frame_of(unsigned char opcode, bool fin, std::string_view payload) {
  unsigned char header[kMaxFrameHeader];
  const auto size = put_frame_header(static_cast<WsCodec::Opcode>(opcode), payload.size(), header);
  header[0] = static_cast<unsigned char>((fin ? 0x80 : 0) | opcode);
  return std::string(reinterpret_cast<char*>(header), size).append(payload);
}

// What becomes of the bytes, however they are read: in pieces of `size`.
Event last_event(std::string bytes, std::size_t size, std::string& payload) {
  WsCodec codec(WsCodec::Role::kClient, 65'536);
  Event last = Event::kNone;
  for (std::size_t at = 0; at < bytes.size();) {
    const auto step = codec.read(&bytes[at], std::min(size, bytes.size() - at));
    last = step.event;
    if (last == Event::kError) {
      EXPECT_EQ(step.code, 1007);
      return last;
    }
    if (last == Event::kText) {
      payload = codec.payload();
    }
    at += step.consumed;
  }
  return last;
}

// The same bytes as by the library's own look at each of them; in frames and reads of any size.
TEST(WsCodec, TakesTextThatIsUtf8AndNoOther) {
  std::mt19937 random(7);
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto text = text_of(random);
    websocketpp::utf8_validator::validator by_byte;
    const bool is_valid =
        std::all_of(text.begin(), text.end(),
                    [&](char byte) { return by_byte.consume(static_cast<std::uint8_t>(byte)); }) &&
        by_byte.complete();
    const auto half = text.size() == 0 ? 0 : random() % text.size();
    const auto whole = frame_of(1, true, text);
    const auto halves =
        frame_of(1, false, text.substr(0, half)) + frame_of(0, true, text.substr(half));
    for (const auto& bytes : {whole, halves}) {
      std::string payload;
      ASSERT_EQ(last_event(bytes, 1 + random() % bytes.size(), payload),
                is_valid ? Event::kText : Event::kError)
          << testing::PrintToString(text);
      ASSERT_EQ(payload, is_valid ? text : "");
    }
    refused += is_valid ? 0 : 1;
  }
  EXPECT_GT(refused, 1'000);
}

}  // namespace
}  // namespace ticker::net
