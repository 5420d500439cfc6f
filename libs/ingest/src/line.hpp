#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/feed/adapter.hpp>
#include <ticker/ingest/handover_limits.hpp>
#include <ticker/metrics/feed_stats.hpp>
#include <ticker/net/timer.hpp>

#include "handover.hpp"
#include "upstream.hpp"

namespace ticker::ingest {

// One of a feed's connections, kept up over all the sockets that it needs one after the other.
// Where the end of one can be foreseen (the venue announces it, or it comes of age) the next one is
// made before, and takes over without a trade lost or doubled; if it does not come about, the old
// one goes on, and if the old one goes early, the next one is simply the one made anew. Ingest
// thread only.
class Line final : private Upstream::Owner {
 public:
  // Its feed. Calls come on the loop, never inside a call of the line's own members.
  class Owner {
   public:
    // One text message of one of its connections, to be given to decode().
    virtual void on_message(Line& line, Upstream& from, char* data, std::size_t size) = 0;
    // The next connection takes over: finish() is to be called.
    virtual void on_take_over(Line& line, Upstream& next) = 0;
    virtual void on_binary(std::size_t size) = 0;
    // Nothing that the line brought can be vouched for any more, until it is live again.
    virtual void on_untrusted(Line& line) = 0;
    // state() or reason() changed.
    virtual void on_state(Line& line) = 0;
    virtual void on_reconnect() = 0;

   protected:
    ~Owner() = default;
  };
  struct Settings {
    Upstream::Settings upstream;
    feed::ConnectionPlan plan;
    std::function<std::unique_ptr<feed::Adapter>()> make_adapter;  // one for each connection
    HandoverLimits limits;
  };

  // `owner`, `budgets` and `stats` must outlive it.
  Line(net::EventLoop& loop, Owner& owner, ConnectBudgets& budgets, Random random,
       metrics::FeedStats& stats, Settings settings);

  void start() { current_->start(); }
  // From now on by this plan, of the same venue: where it is another one, the next connection is
  // made by it at once, and takes over. Not within a call of the owner.
  void renew(feed::ConnectionPlan plan);

  // Within Owner::on_message(), and on_take_over().
  void decode(Upstream& from, char* data, std::size_t size, Timestamp received, feed::Sink& sink);
  void finish(feed::Sink& sink);

  market::FeedState state() const { return current_->state(); }
  const std::string& reason() const { return current_->reason(); }
  // The venue refused a request of the connection that leads, and did not say of which symbol.
  bool is_refused() const { return current_->is_refused(); }
  std::size_t number() const { return settings_.upstream.number; }

 private:
  void on_message(Upstream& upstream, char* data, std::size_t size) override;
  void on_binary(std::size_t size) override { owner_.on_binary(size); }
  void on_untrusted(Upstream& upstream) override;
  void on_state(Upstream& upstream) override;
  void on_reconnect() override { owner_.on_reconnect(); }
  void on_renewal_due(Upstream& upstream, std::string_view why) override;
  bool on_lost(Upstream& upstream) override;

  std::unique_ptr<Upstream> make_upstream();
  void begin();
  void check_next();
  void end_overlap();
  void take_over();

  // fixed after construction
  net::EventLoop& loop_;
  Owner& owner_;
  ConnectBudgets& budgets_;
  const Random random_;
  metrics::FeedStats& stats_;

  Settings settings_;               // but for the plan as they were given
  std::uint64_t plan_ = 0;          // how often the plan was another one
  std::uint64_t current_plan_ = 0;  // by which one the current connection was made
  RecordedLeader recorded_leader_;
  std::unique_ptr<Upstream> current_;
  std::optional<TimePoint> last_begun_;
  std::optional<TimePoint> silent_since_;  // since when there has been no live connection, after a
                                           // handover that was late

  // of the handover in hand
  std::unique_ptr<Upstream> next_;    // nullptr: none
  std::uint64_t next_plan_ = 0;       // by which plan it was made
  std::optional<Handover> handover_;  // the last one's until it is over
  std::optional<TimePoint> lost_at_;  // the current connection went before the next one took over
  bool overlapped_ = false;
  bool next_is_due_ = false;  // the next one's end, too, can be foreseen

  net::Timer begin_;
  net::Timer overlap_;
  net::Timer take_over_;  // connections are not destroyed in their own calls
};

}  // namespace ticker::ingest
