#pragma once

#include <memory>
#include <optional>
#include <string>

#include <ticker/net/timer.hpp>

#include "handshake.hpp"
#include "session.hpp"
#include "stream.hpp"

namespace ticker::net {

// One accepted socket while it speaks HTTP: request after request, one answer each, until it closes
// or becomes a WebSocket. Loop thread only; owned by its SessionHost.
class HttpSession final : public Session,
                          private FdEvents,
                          public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(SessionHost& host, int fd, const Address& peer);

  // `refusal`: not admitted; whatever is asked is answered with this.
  void start(std::optional<HttpResponse> refusal);
  // The answer to request number `request`; ignored if that is not the one waiting.
  void answer(std::uint64_t request, HttpResponse response);
  void cut() override;

 private:
  enum class State : unsigned char { kSecuring, kReading, kWaiting, kAnswering, kDraining, kGone };

  void on_fd_readable() override;
  void on_fd_writable() override;
  void on_fd_failed(int /*error*/) override { die(); }
  // Goes on with the handshake of TLS; true once it is done.
  bool secure();
  void go_on();
  void read_request();
  void dispatch();
  void upgrade(const HttpRequest& request);
  void refuse(std::string_view path, HttpResponse response);
  void send_answer();
  void answered();
  void drain();
  void discard_input();
  void on_deadline();
  void die();

  // fixed after construction
  SessionHost& host_;
  const Address peer_;

  // loop thread only
  Stream stream_;
  RequestReader reader_;
  Timer deadline_;
  std::optional<HttpResponse> refusal_;
  std::string unread_;  // received behind the request in hand; one read's worth at most
  std::string head_;    // of the answer under way
  std::shared_ptr<const std::string> body_;
  std::size_t answer_sent_ = 0;
  std::uint64_t request_number_ = 0;
  State state_ = State::kReading;
  bool request_begun_ = false;
  bool close_after_ = false;
  bool is_head_ = false;
  bool going_on_ = false;  // inside go_on(); guards against re-entry
};

}  // namespace ticker::net
