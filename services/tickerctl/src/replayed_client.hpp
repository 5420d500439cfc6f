#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/hub/hub.hpp>
#include <ticker/ingest/played_market.hpp>
#include <ticker/protocol/request.hpp>

namespace ticker::tickerctl {

// A client of a hub that serves recordings, on the recordings' clock: it connects at the first
// message, subscribes, reads at once, and leaves when the changes of the last message were served.
// It gets what it would if each message were a batch of its own, with what is due at its time before
// it; messages that make no difference come in one. What it gets follows from the arguments alone.
// One thread.
class ReplayedClient final : private hub::Sockets, private hub::Connection {
 public:
  struct Options {
    std::string epoch = "replay";
    std::uint64_t connection = 0;  // its number: decides its place in the interval
    protocol::Subscribe subscribe;
  };
  // A frame's text, valid during the call, and when it was sent.
  using OnFrame = std::function<void(std::string_view frame, Timestamp time)>;

  // `market` must outlive it.
  ReplayedClient(ingest::PlayedMarket& market, Options options, OnFrame on_frame);
  ~ReplayedClient() override;

  // To the end; false: the hub closed the connection.
  [[nodiscard]] bool run();
  // The hub's, for what stands at the end.
  hub::Hub& hub() { return *hub_; }

 private:
  void advance_to(Timestamp time);
  void take_batch();
  void answer_ping();

  void begin_batch() override {}
  void end_batch() override {}
  hub::WriteResult write(const hub::Slice* slices, std::size_t count) override;
  void ping() override { is_pinged_ = true; }
  void pause_reading() override {}
  void resume_reading() override {}
  void close(std::uint16_t, std::string_view) override { is_closed_ = true; }
  std::size_t held_bytes() const override { return 0; }
  std::uint64_t accepted_bytes() const override { return accepted_; }
  std::uint64_t received_bytes() const override { return 0; }

  ingest::PlayedMarket& market_;
  const Options options_;
  const OnFrame on_frame_;

  Timestamp now_ = kNoTime;
  std::unique_ptr<hub::Hub> hub_;
  hub::Session* session_ = nullptr;
  bool is_pinged_ = false;
  bool is_closed_ = false;
  std::uint64_t accepted_ = 0;
  std::string frame_;  // scratch
};

}  // namespace ticker::tickerctl
