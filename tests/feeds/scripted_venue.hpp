#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <ticker/net/server.hpp>

namespace ticker::tests {

// A venue that says what the test tells it to, on each of its paths: it acknowledges every request
// in Binance's way, and is silent otherwise. One connection a path.
class ScriptedVenue final : private net::ServerHandler {
 public:
  explicit ScriptedVenue(net::EventLoop& loop)
      : server_(std::make_unique<net::Server>(loop, static_cast<net::ServerHandler&>(*this),
                                              net::ServerOptions())) {
    EXPECT_FALSE(server_->listen());
  }

  std::string url() const { return "ws://127.0.0.1:" + std::to_string(server_->port()); }
  // Connections of the path so far that have subscribed.
  int subscribed(const std::string& path) const {
    const auto found = subscribed_.find(path);
    return found == subscribed_.end() ? 0 : found->second;
  }
  // Requests so far that hold this text.
  std::ptrdiff_t asked(std::string_view text) const {
    return std::count_if(requests_.begin(), requests_.end(), [&](const std::string& request) {
      return request.find(text) != std::string::npos;
    });
  }

  // Nothing is sent where nobody has subscribed, or the connection is ending.
  void send(const std::string& path, std::string_view text) {
    if (const auto found = open_.find(path); found != open_.end()) {
      const auto result = found->second->write(text);
      EXPECT_TRUE(result == net::WriteResult::kDone || result == net::WriteResult::kClosed);
    }
  }
  // False: the connection takes nothing now.
  bool try_send(const std::string& path, std::string_view text) {
    const auto found = open_.find(path);
    const auto result =
        found == open_.end() ? net::WriteResult::kClosed : found->second->write(text);
    return result == net::WriteResult::kDone || result == net::WriteResult::kKept;
  }
  // Cuts the path's connection, and takes no other.
  void shut(const std::string& path) {
    shut_.insert(path);
    if (const auto found = open_.find(path); found != open_.end()) {
      found->second->abort();
      open_.erase(found);
    }
  }
  void reopen(const std::string& path) { shut_.erase(path); }
  // Of connections made from now on, it acknowledges the requests only: what is sent goes to the
  // path's first one.
  void neglect_new_connections() { neglects_new_ = true; }
  // Acknowledges nothing any more.
  void stop_acknowledging() { acknowledges_ = false; }

 private:
  class Peer final : public net::ConnectionHandler {
   public:
    Peer(ScriptedVenue& venue, std::string path) : venue_(venue), path_(std::move(path)) {}
    void on_open(net::Connection& connection) override { connection_ = &connection; }
    void on_message(char* data, std::size_t size) override {
      venue_.requests_.emplace_back(data, size);
      if (venue_.acknowledges_) {
        EXPECT_EQ(connection_->write(R"({"result":null,"id":1})"), net::WriteResult::kDone);
      }
      if (!std::exchange(has_subscribed_, true)) {
        ++venue_.subscribed_[path_];
        if (!venue_.neglects_new_ || !venue_.open_.contains(path_)) {
          venue_.open_[path_] = connection_;
        }
      }
    }
    void on_close(const net::CloseInfo&) override {
      const auto found = venue_.open_.find(path_);
      if (found != venue_.open_.end() && found->second == connection_) {
        venue_.open_.erase(found);
      }
    }

   private:
    ScriptedVenue& venue_;
    const std::string path_;
    net::Connection* connection_ = nullptr;
    bool has_subscribed_ = false;
  };

  net::UpgradeDecision on_upgrade(const net::HttpRequest& request,
                                  const std::vector<std::string>&) override {
    if (shut_.contains(request.path)) {
      return net::UpgradeDecision::refuse(net::json_error(503, "shut", "not now"));
    }
    return net::UpgradeDecision::accept(std::make_unique<Peer>(*this, request.path));
  }
  void on_http_request(const net::HttpRequest&, net::HttpResponder) override {}

  std::map<std::string, net::Connection*> open_;  // once subscribed
  std::map<std::string, int> subscribed_;
  std::vector<std::string> requests_;
  std::set<std::string> shut_;
  bool acknowledges_ = true;
  bool neglects_new_ = false;
  std::unique_ptr<net::Server> server_;  // last: destroys the connections first
};

}  // namespace ticker::tests
