#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <ticker/feed/adapter.hpp>
#include <ticker/recording/reader.hpp>

namespace ticker::tickerctl {

// What decodes a recording: an adapter for each connection that there was at a time, since what an
// adapter remembers is its connection's.
class Connections {
 public:
  // Requires: `venue` is one of feed::adapter_kinds().
  Connections(std::string venue, std::string trades)
      : venue_(std::move(venue)), trades_(std::move(trades)) {}

  // Overwrites the message.
  void take(const recording::Reader::Message& message, feed::Sink& sink) {
    using recording::Kind;
    if (message.kind == Kind::kConnected || message.kind == Kind::kDisconnected) {
      adapters_.erase(message.connection);
    } else if (message.kind == Kind::kReceived) {
      adapter(message.connection)
          .decode(message.data, message.size, from_us(message.receive_ns / 1000), sink);
    }
  }

 private:
  // Feeds have tens at a time; a file that claims more may have been made to.
  static constexpr std::size_t kMost = 1'000;

  feed::Adapter& adapter(std::uint32_t connection) {
    if (adapters_.size() >= kMost && !adapters_.contains(connection)) {
      adapters_.clear();
    }
    auto& adapter = adapters_[connection];
    if (!adapter) {
      adapter = std::move(feed::make_adapter(venue_, {.trades = trades_}).value());
    }
    return *adapter;
  }

  const std::string venue_;
  const std::string trades_;
  std::map<std::uint32_t, std::unique_ptr<feed::Adapter>> adapters_;
};

}  // namespace ticker::tickerctl
