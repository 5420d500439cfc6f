#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/base/result.hpp>
#include <ticker/net/event_loop.hpp>
#include <ticker/net/server.hpp>
#include <ticker/net/timer.hpp>
#include <ticker/venue_sim/faults.hpp>
#include <ticker/venue_sim/tape.hpp>
#include <ticker/venue_sim/timeline.hpp>

namespace ticker::venue_sim {

// A venue that plays a tape to whoever subscribes, over WebSocket, on any path. Loop thread only.
class VenueServer final : private net::ServerHandler {
 public:
  struct Options {
    std::string venue;  // as `--venue`
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: the system chooses, see port()
    Timeline::Options timeline;
    std::size_t start_after = 1;  // the timeline starts once so many connections have subscribed
    std::vector<Fault> faults;
    std::uint64_t seed = 0;  // of the faults that chance decides on
    std::chrono::milliseconds beat{0};  // between two heartbeats or pings; 0: the venue's own
  };

  // `clock` must outlive it. Requires: make_protocol(options.venue) succeeds.
  VenueServer(net::EventLoop& loop, const Clock& clock, Tape tape, Options options);
  ~VenueServer() override;

  Status listen();
  std::uint16_t port() const { return server_->port(); }
  // WebSocket connections open now.
  std::size_t connections() const { return connections_.size(); }
  // Those that were ever opened.
  std::size_t opened() const { return opened_; }
  const Timeline& timeline() const { return timeline_; }
  // Cuts every connection, as a venue that is killed would.
  void cut_all();
  // Cuts the one that was opened as the `number`th, counted from 1; false: it is gone already.
  bool cut(std::size_t number);

 private:
  class Connection;

  void on_http_request(const net::HttpRequest& request, net::HttpResponder responder) override;
  net::UpgradeDecision on_upgrade(const net::HttpRequest& request,
                                  const std::vector<std::string>& offered) override;

  // Starts the timeline if enough have subscribed, and plays what is due.
  void advance();
  void schedule();
  bool all_taken() const;

  net::EventLoop& loop_;
  const Clock& clock_;
  const Options options_;
  const Tape tape_;
  Timeline timeline_;
  Faults faults_;
  std::set<Connection*> connections_;  // each takes itself out when it closes
  std::size_t opened_ = 0;
  net::Timer timer_;
  std::unique_ptr<net::Server> server_;  // last: destroys the connections first
};

}  // namespace ticker::venue_sim
