#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/feed/json_feed.hpp>
#include <ticker/feed/sink.hpp>

namespace ticker::feed {

// Reads JSON the way a JsonMapping says. Pure; no allocation once buffers have grown and
// instruments are known. One thread.
class JsonDecoder {
 public:
  // Error: a pointer or template that is none; it names the message by its place, from 0.
  static Result<std::unique_ptr<JsonDecoder>> make(const JsonMapping& mapping);
  ~JsonDecoder();

  // `BTC-USDT` by the mapping's form; nullopt: it has none, or the name can't be split.
  std::optional<std::string> native_name(std::string_view canonical) const;

  // A new connection: trades before it may have been missed.
  void reset();
  // Trades of this connection may have been missed.
  void interrupted();
  // One message, in situ: overwrites it. `asked`: the native name that it answers, if it is one.
  // Requires: message[size] is writable too.
  void decode(char* message, std::size_t size, Timestamp receive_time, std::string_view asked,
              Sink& sink);

 private:
  class Impl;
  explicit JsonDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace ticker::feed
