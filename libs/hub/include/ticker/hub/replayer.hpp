#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <ticker/base/clock.hpp>
#include <ticker/hub/access.hpp>
#include <ticker/protocol/message.hpp>
#include <ticker/protocol/request.hpp>

namespace ticker::hub {

// Serves a client from a recording, while its hub goes on to look after its socket, its requests and
// its token. To do so it takes the client's entries (Hub::lend), serves them on a clock of the
// recording's own through Hub::relay, and gives them back (Hub::take_back). The hub's thread; within
// these calls it may call relay() and charge() only.
class Replayer {
 public:
  virtual ~Replayer() = default;
  // Whether recordings are offered now: told in `hello`.
  virtual bool offers_replay() const = 0;
  // The answer; nullopt: it comes by Hub::answer(), or by relay() before take_back(); no other
  // request is taken until then.
  virtual std::optional<protocol::Message> start(const protocol::Replay& request,
                                                 const std::shared_ptr<const Access>& access) = 0;
  virtual std::optional<protocol::Message> control(const protocol::ReplayControl& request) = 0;

  // --- of a client that is lent ---
  // A request about its entries, or a ping: as it came, and read.
  virtual void pass_on(std::string_view text, const protocol::Request& request) = 0;
  virtual void set_access(std::shared_ptr<const Access> access) = 0;
  // The recording's time.
  virtual Timestamp time() const = 0;
};

}  // namespace ticker::hub
