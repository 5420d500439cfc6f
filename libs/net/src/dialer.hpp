#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ticker/net/timer.hpp>
#include <ticker/net/url.hpp>
#include <ticker/net/web_socket_client.hpp>

#include "fd_watch.hpp"
#include "resolver.hpp"
#include "stream.hpp"

namespace ticker::net {

// Makes a connection to the host of a URL: resolves it, tries its addresses in turn, and secures it
// where the URL says so. Destruction gives up, also within a callback. Loop thread only.
class Dialer final : private FdEvents {
 public:
  using Cause = ClientClose::Cause;
  using OnConnected = std::function<void(Stream stream)>;
  using OnFailed = std::function<void(Cause cause, std::string text)>;

  // One of the two is called, once, never inside the constructor. `url` and `options` must stay.
  Dialer(EventLoop& loop, const Url& url, const ClientOptions& options, OnConnected on_connected,
         OnFailed on_failed);

 private:
  void on_fd_readable() override;
  void on_fd_writable() override;
  void on_fd_failed(int error) override;

  void resolved(Resolved resolved);
  void connect_next();
  void not_connected(std::string why);
  void connected();
  void secure();
  void timed_out();
  void succeed();
  void fail(Cause cause, std::string text);
  std::string where() const { return url_.host + ":" + std::to_string(url_.port); }

  // fixed after construction
  EventLoop& loop_;
  const Url& url_;
  const ClientOptions& options_;
  const OnConnected on_connected_;
  const OnFailed on_failed_;
  const TimePoint connect_until_;

  // loop thread only
  enum class Phase : unsigned char {
    kResolving,
    kConnecting,
    kSecuring
  } phase_ = Phase::kResolving;
  std::vector<sockaddr_storage> addresses_;
  std::size_t next_address_ = 0;
  std::string connect_error_;
  Stream stream_;
  Timer deadline_;
  std::unique_ptr<Resolver> resolver_;
};

}  // namespace ticker::net
