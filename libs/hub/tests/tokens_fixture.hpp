#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ticker/hub/access.hpp>

#include "hub_fixture.hpp"

namespace ticker::hub {

inline std::shared_ptr<const Access> only(
    std::string_view symbols, market::FieldSet fields = market::FieldSet::all(),
    std::chrono::milliseconds min_interval = 0ms) {
  return std::make_shared<const Access>(
      Access{SymbolFilter({protocol::Pattern(symbols)}), fields, min_interval});
}

// A hub that demands tokens.
class Tokens : public HubFixture {
 protected:
  Tokens() {
    options_.auth_required = true;
    options_.silent = options_.heartbeat = 1h;  // clients of these tests say nothing for long
    given({"k:A", "k:B", "x:A"});
  }
  // A client that has shown a token that gives this.
  TestClient& with(std::shared_ptr<const Access> access, std::optional<Timestamp> expires_at = {}) {
    TestClient& client = connect();
    show(client, "good", std::move(access), expires_at);
    client.socket.take_received();
    return client;
  }
  void show(TestClient& client, const std::string& token, std::shared_ptr<const Access> access,
            std::optional<Timestamp> expires_at = {}) {
    client.socket.tokens[token] = Grant{std::move(access), expires_at};
    send(client, R"({"op":"auth","id":1,"token":")" + token + "\"}");
  }
};

}  // namespace ticker::hub
