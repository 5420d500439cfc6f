#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <ticker/feed/adapter.hpp>
#include <ticker/feed/sink.hpp>

#include "handover.hpp"

namespace ticker::ingest {

// One of a feed's connections as it was recorded, over all its sockets: what Line made of them,
// handovers too. Connections are known by their number in the recording. One thread.
class PlayedLine {
 public:
  using MakeAdapter = std::function<std::unique_ptr<feed::Adapter>()>;

  explicit PlayedLine(MakeAdapter make_adapter);

  // Where another connection is open, that one leads until take_over().
  void open(std::uint32_t number);
  void close(std::uint32_t number);
  // A message of that connection, as Adapter::decode(). Requires: it is open.
  void decode(std::uint32_t number, char* message, std::size_t size, Timestamp received,
              feed::Sink& sink);
  void take_over(std::uint32_t number, bool overlapped, feed::Sink& sink);
  // As Adapter::interrupted().
  void interrupted();
  // What the venue says over that connection of itself: whether it can be trusted.
  void set_available(std::uint32_t number, bool is_available);

  // The connection that leads has not been told that it can't be trusted.
  bool is_available() const { return is_available_; }
  bool is_open() const { return leading_.has_value() || next_.has_value(); }
  // What this connection says of itself does not concern the line yet.
  bool is_next(std::uint32_t number) const { return next_ == number; }
  // The connection that leads, or led last.
  std::optional<std::uint32_t> leader() const { return leader_; }
  // Its number means nothing any more.
  void forget_leader() { leader_.reset(); }

 private:
  const MakeAdapter make_adapter_;
  std::optional<std::uint32_t> leader_;
  std::optional<std::uint32_t> leading_;  // nullopt: it is gone
  std::unique_ptr<feed::Adapter> adapter_;
  bool is_available_ = true;

  // of the handover in hand
  std::optional<std::uint32_t> next_;           // nullopt: none
  std::unique_ptr<feed::Adapter> next_adapter_;  // made for the first one
  bool is_next_available_ = true;
  std::optional<Handover> handover_;             // the last one's until it is over
};

}  // namespace ticker::ingest
