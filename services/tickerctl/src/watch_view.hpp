#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <ticker/protocol/client_state.hpp>
#include <ticker/protocol/push.hpp>

namespace ticker::tickerctl {

// What a WatchSession tells those who show it. One thread.
class WatchView {
 public:
  virtual ~WatchView() = default;

  // Every message, as it came.
  virtual void on_text(std::string_view /*text*/) {}
  // A snapshot or delta, before it is merged into `held`.
  virtual void on_frame(const protocol::EntryFrame& /*frame*/, const protocol::ClientState& /*held*/) {}
  // How the connection fares, in plain words: "live", "connection lost, again in 1.2 s". `live`: values can be trusted.
  virtual void on_connection(const std::string& /*words*/, bool /*live*/) {}
  // Something that the user should know and that ends nothing: a name that was rejected.
  virtual void on_remark(const std::string& /*words*/) {}
};

}  // namespace ticker::tickerctl
