// websocketpp as its examples use it (broadcast_server): the Asio configuration, one thread, send()
// to each connection of a set.
//   load_websocketpp --upstream PORT     lines as load_floor takes them; clients say `sub TOPIC…`

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include <websocketpp/config/asio_no_tls.hpp>
#include <websocketpp/server.hpp>

#include "arguments.hpp"
#include "sockets.hpp"

namespace {

using websocketpp::connection_hdl;
using Server = websocketpp::server<websocketpp::config::asio>;
using Connections = std::set<connection_hdl, std::owner_less<connection_hdl>>;

struct Topic {
  Connections connections;
  std::string last;
};

class BroadcastServer {
 public:
  explicit BroadcastServer(std::uint16_t upstream) : upstream_(service_) {
    server_.clear_access_channels(websocketpp::log::alevel::all);
    server_.init_asio(&service_);
    server_.set_message_handler([this](connection_hdl client, const Server::message_ptr& message) {
      subscribe(client, message->get_payload());
    });
    server_.set_close_handler([this](connection_hdl client) {
      for (auto& entry : topics_) {
        entry.second.connections.erase(client);
      }
    });
    upstream_.connect({asio::ip::address_v4::loopback(), upstream});
    read();
    server_.listen(asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    server_.start_accept();
    asio::error_code ignored;
    ticker::load::say("listening " + std::to_string(server_.get_local_endpoint(ignored).port()));
  }

  void run() { service_.run(); }

 private:
  void subscribe(connection_hdl client, const std::string& request) {
    std::istringstream words(request);
    std::string topic;
    for (words >> topic; words >> topic;) {
      topics_[topic].connections.insert(client);
      if (!topics_[topic].last.empty()) {
        server_.send(client, topics_[topic].last, websocketpp::frame::opcode::text);
      }
    }
    server_.send(client, R"({"type":"subscribed"})", websocketpp::frame::opcode::text);
  }

  void read() {
    asio::async_read_until(upstream_, asio::dynamic_buffer(in_), '\n',
                           [this](asio::error_code error, std::size_t) {
                             if (error) {
                               return service_.stop();
                             }
                             while (const auto line = ticker::load::take_line(in_)) {
                               forward(*line);
                             }
                             read();
                           });
  }

  void forward(const std::string& line) {
    const auto tab = line.find('\t');
    Topic& topic = topics_[line.substr(0, tab)];
    topic.last = line.substr(tab + 1);
    for (const auto& client : topic.connections) {
      server_.send(client, topic.last, websocketpp::frame::opcode::text);
    }
  }

  asio::io_service service_;
  asio::ip::tcp::socket upstream_;
  Server server_;
  std::map<std::string, Topic> topics_;
  std::string in_;
};

}  // namespace

int main(int argc, char** argv) {
  ticker::load::raise_descriptor_limit();
  const ticker::load::Arguments arguments(argc, argv);
  BroadcastServer(static_cast<std::uint16_t>(arguments.number("upstream", 0))).run();
}
