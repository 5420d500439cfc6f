#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ticker/net/timer.hpp>
#include <ticker/net/url.hpp>
#include <ticker/net/web_socket_client.hpp>

#include "dialer.hpp"
#include "fd_watch.hpp"
#include "handshake.hpp"
#include "stream.hpp"
#include "ws_codec.hpp"

namespace ticker::net {

// What is behind a WebSocketClient. Loop thread only; its own callbacks hold it until they return.
class WebSocketClient::Impl final : private FdEvents,
                                    public std::enable_shared_from_this<WebSocketClient::Impl> {
 public:
  Impl(EventLoop& loop, ClientHandler& handler, ClientOptions options);

  std::optional<Error> connect(const std::string& url);
  bool send_text(std::string_view text);
  bool send_ping(std::string_view payload);
  void close(std::uint16_t code, std::string_view reason);
  void pause_reading() { paused_ = true; }
  void resume_reading();
  std::optional<TimePoint> partial_message_at() const { return partial_message_at_; }
  std::size_t queued_bytes() const;
  // The owner goes: no callback from here on.
  void abandon();

 private:
  enum class Phase : unsigned char { kIdle, kDialing, kUpgrading, kOpen, kClosing, kDone };

  void on_fd_readable() override;
  void on_fd_writable() override;
  void on_fd_failed(int error) override;

  void start_upgrade(Stream stream);
  void read_upgrade(char* data, std::size_t size);
  void read_some();
  void await_more(bool has_read);
  void consume(char* data, std::size_t size);
  void handle(const WsCodec::Step& step);
  void handle_close(const WsCodec::Step& step);
  bool queue(WsCodec::Opcode opcode, std::string_view payload, std::size_t limit);
  void flush();
  void lost(const std::string& what);
  void timed_out();
  void end(ClientClose::Cause cause, std::string text, std::uint16_t code = 1006);
  void abandon_socket();
  std::string where() const { return url_.host + ":" + std::to_string(url_.port); }

  // fixed after construction
  EventLoop& loop_;
  const ClientOptions options_;

  // loop thread only
  ClientHandler* handler_;  // null once on_close was called or the owner has gone
  Url url_;
  Phase phase_ = Phase::kIdle;
  Timer deadline_;
  Timer rest_;           // until what keeps coming is read again
  std::optional<TimePoint> read_at_;  // when something was read last, while there are rests
  std::unique_ptr<Dialer> dialer_;
  std::unique_ptr<ClientHandshake> handshake_;
  Stream stream_;
  WsCodec codec_;
  std::optional<TimePoint> partial_message_at_;
  std::string out_;  // frames that wait for the socket
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
  bool paused_ = false;
};

}  // namespace ticker::net
