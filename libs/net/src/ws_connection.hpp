#pragma once

#include <memory>
#include <string>

#include <ticker/net/connection.hpp>
#include <ticker/net/timer.hpp>

#include "frame_output.hpp"
#include "session.hpp"
#include "stream.hpp"
#include "ws_codec.hpp"

namespace ticker::net {

// The server's end of one WebSocket, from the 101 answer on. Loop thread only; owned by its
// SessionHost.
class WsConnection final : public Session,
                           public Connection,
                           private FdEvents,
                           private SendRing::Sender,
                           public std::enable_shared_from_this<WsConnection> {
 public:
  WsConnection(SessionHost& host, Stream stream, const Address& peer,
               std::unique_ptr<ConnectionHandler> handler);

  // Tells the owner, sends the 101 answer, with the owner's first frame if that comes at once, and
  // reads on from `received`, which came behind the request.
  void start(std::string answer, std::string received);
  void after_batch();
  void cut() override;

  WriteResult write(const Slice* slices, std::size_t count) override;
  bool ping(std::string_view payload) override;
  void pause_reading() override;
  void resume_reading() override;
  void set_max_message_bytes(std::size_t bytes) override { codec_.set_max_message_bytes(bytes); }
  void close(std::uint16_t code, std::string_view reason) override;
  void abort() override;
  void reset() override;
  bool write_half(std::string_view text) override;
  std::size_t held_bytes() const override;
  std::uint64_t sent_bytes() const override { return output_.sent_bytes(); }
  std::optional<TimePoint> stalled_since() const override;
  std::uint64_t received_bytes() const override { return received_bytes_; }
  const Address& peer() const override { return peer_; }

 private:
  enum class State : unsigned char {
    kOpen,
    kClosing,   // our close frame is on its way or out; the peer's has not come
    kDraining,  // over for the owner; what is held goes out, what comes is dropped
    kDead,      // the socket is closed
  };

  void on_fd_readable() override;
  void on_fd_writable() override;
  void on_fd_failed(int error) override;
  void on_sent(std::string_view frame, const Io& io) override;

  bool may_deliver() const;
  void read_on();
  void deliver_unread();
  void consume(char* data, std::size_t size);
  void handle(const WsCodec::Step& step);
  void handle_close(const WsCodec::Step& step);
  void discard_input();

  bool taken(FrameOutput::Outcome outcome);
  // A frame so short is held back while a callback of this connection runs, to go with its next.
  bool hold_back(const Slice* slices, std::size_t count);
  void send_held_back();
  void settle();
  void output_is_out();
  void send_pong();

  void queue_close(std::uint16_t code, std::string_view reason);
  void drain(CloseInfo info);
  void fail(std::string reason, bool by_peer = true);
  void tell_closed();
  void die();

  // fixed after construction
  SessionHost& host_;
  const Address peer_;

  // loop thread only; what each frame asks for comes first
  Stream stream_;
  FrameOutput output_;
  std::string held_back_;  // the 101 until on_open returns; a first frame until its callback does
  std::uint32_t last_batch_ = 0;
  State state_ = State::kOpen;
  bool paused_ = false;
  bool tell_writable_ = false;  // the owner was answered kKept or kBlocked
  bool pong_due_ = false;
  bool queued_ = false;      // its frame of this batch is in the ring, not yet in the kernel
  bool delivering_ = false;  // inside on_open or consume(); guards against re-entry
  bool resume_posted_ = false;
  bool input_ended_ = false;
  bool removed_ = false;  // the host has forgotten it, and may be gone
  WsCodec codec_;
  std::unique_ptr<ConnectionHandler> handler_;  // null once on_close was called
  std::unique_ptr<Timer> deadline_;             // while closing
  std::unique_ptr<CloseInfo> end_;              // how it ends, once known
  std::string pong_;                            // payload of the latest ping, while pong_due_
  std::string unread_;  // received and not delivered, because reading is paused
  std::uint64_t received_bytes_ = 0;
};

}  // namespace ticker::net
