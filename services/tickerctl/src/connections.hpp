#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ticker/feed/json_description.hpp>
#include <ticker/recording/reader.hpp>
#include <ticker/recording/record.hpp>

namespace ticker::tickerctl {

// What decodes a recording: an adapter for each connection that there was at a time, since what an
// adapter remembers is its connection's. One that follows on another goes on with its adapter, which
// remembers how far trades had come.
class Connections {
 public:
  // Requires: feed::make_recorded_adapter() can make it of these.
  Connections(std::string venue, std::string trades, std::string description)
      : venue_(std::move(venue)),
        trades_(std::move(trades)),
        description_(std::move(description)) {}

  // Overwrites the message.
  void take(const recording::Reader::Message& message, feed::Sink& sink) {
    using recording::Kind;
    if (message.kind == Kind::kConnected) {
      open(message.connection, recording::connected_after({message.data, message.size}));
    } else if (message.kind == Kind::kDisconnected) {
      close(message.connection);
    } else if (message.kind == Kind::kReceived) {
      adapter(message.connection)
          .decode(message.data, message.size, from_us(message.receive_ns / 1000), sink);
    }
  }

 private:
  // Feeds have tens at a time; a file that claims more may have been made to.
  static constexpr std::size_t kMost = 1'000;

  using Number = std::uint32_t;
  struct Decoder {
    std::unique_ptr<feed::Adapter> adapter;
    bool is_open = true;
  };

  void open(Number number, std::optional<Number> after) {
    decoders_.erase(number);
    const auto before = after ? decoders_.find(*after) : decoders_.end();
    if (before == decoders_.end() || before->second.is_open) {
      return;
    }
    auto decoder = std::move(before->second);
    decoders_.erase(before);
    decoder.adapter->reset();
    decoder.is_open = true;
    decoders_.emplace(number, std::move(decoder));
  }

  void close(Number number) {
    if (const auto found = decoders_.find(number); found != decoders_.end()) {
      found->second.is_open = false;
    }
  }

  feed::Adapter& adapter(Number connection) {
    if (decoders_.size() >= kMost && !decoders_.contains(connection)) {
      std::erase_if(decoders_, [](const auto& decoder) { return !decoder.second.is_open; });
      if (decoders_.size() >= kMost) {
        decoders_.clear();
      }
    }
    auto& adapter = decoders_[connection].adapter;
    if (!adapter) {
      adapter = std::move(feed::make_recorded_adapter(venue_, trades_, description_).value());
    }
    return *adapter;
  }

  const std::string venue_;
  const std::string trades_;
  const std::string description_;
  std::map<Number, Decoder> decoders_;
};

}  // namespace ticker::tickerctl
