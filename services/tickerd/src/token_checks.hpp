#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <ticker/protocol/codes.hpp>

#include "client_address.hpp"
#include "edge_stats.hpp"
#include "shared.hpp"
#include "token_gate.hpp"

namespace ticker::tickerd {

// Why whoever shows a token is turned away: as the code that would close a WebSocket.
struct TurnedAway {
  protocol::CloseCode code = protocol::CloseCode::kUnauthorised;
  std::string message;
};

// The same over HTTP.
struct HttpCode {
  int status;
  std::string_view code;
};
HttpCode http_code(protocol::CloseCode code);

// What becomes of the tokens shown to one shard, and the count of it. The shard's thread; its counts any.
class TokenChecks {
 public:
  TokenChecks(const Shared& shared, RefusedStats& refused) : shared_(shared), refused_(refused) {}

  // `from`: who shows it; if too many of its tokens were no good, no other is looked at. Requires: tokens are demanded.
  std::variant<TokenGate::Pass, TurnedAway> check(std::string_view token, const AddressKey& from);
  // nullopt: the pass's subject has as many connections as it allows.
  std::optional<TokenGate::Seat> take_seat(const TokenGate::Pass& pass);
  const TokenStats& stats() const { return stats_; }

 private:
  const Shared& shared_;
  RefusedStats& refused_;
  TokenStats stats_;
};

}  // namespace ticker::tickerd
