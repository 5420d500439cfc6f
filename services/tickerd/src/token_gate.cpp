#include "token_gate.hpp"

#include <algorithm>
#include <vector>

#include <ticker/base/clock.hpp>
#include <ticker/protocol/pattern.hpp>

namespace ticker::tickerd {
namespace {

// What the claims allow; or what is wrong with them, in words.
std::variant<std::shared_ptr<const hub::Access>, auth::Refused> access_of(const auth::Claims& claims) {
  auto access = std::make_shared<hub::Access>();
  access->min_interval = claims.min_interval;
  if (claims.symbols) {
    std::vector<protocol::Pattern> patterns;
    for (const std::string& text : *claims.symbols) {
      if (const auto fault = protocol::symbol_text_fault(text); !fault.empty()) {
        return auth::Refused{auth::Refusal::kClaims, "a text in the token's claim symbols " + std::string(fault)};
      }
      patterns.emplace_back(text);
    }
    access->symbols = hub::SymbolFilter(std::move(patterns));
  }
  if (claims.fields) {
    access->fields = {};
    for (const std::string& name : *claims.fields) {
      // One that only a later version has gives nothing in this one.
      if (const auto field = market::field_from_name(name)) {
        access->fields.add(*field);
      }
    }
  }
  return access;
}

}  // namespace

TokenGate::Seat::~Seat() {
  if (gate_ != nullptr) {
    const std::lock_guard lock(gate_->mutex_);
    const auto found = gate_->seats_.find(subject_);
    if (--found->second == 0) {
      gate_->seats_.erase(found);
    }
  }
}

void TokenGate::set_verifier(std::shared_ptr<const auth::Verifier> verifier) {
  const std::lock_guard lock(mutex_);
  verifier_ = std::move(verifier);
}

std::variant<TokenGate::Pass, auth::Refused> TokenGate::check(std::string_view token, Timestamp now) const {
  std::shared_ptr<const auth::Verifier> verifier;
  {
    const std::lock_guard lock(mutex_);
    verifier = verifier_;
  }
  // Whoever signs goes by the time of day, also after a step of the system's clock that the service's does not follow.
  const Timestamp day = wall_now();
  const auto result = verifier->verify(token, day);
  if (const auto* refused = std::get_if<auth::Refused>(&result)) {
    return *refused;
  }
  const auto& claims = std::get<auth::Claims>(result);
  auto access = access_of(claims);
  if (auto* refused = std::get_if<auth::Refused>(&access)) {
    return std::move(*refused);
  }
  auto owner = claims.subject.empty() ? '\0' + std::to_string(std::hash<std::string_view>()(token)) : claims.subject;
  return Pass{{std::get<0>(std::move(access)), now + (claims.expires_at - day)},
              claims.subject, claims.connections, std::move(owner)};
}

bool TokenGate::admit_read(const Pass& pass, Timestamp now) {
  const std::lock_guard lock(mutex_);
  return reads_.take(pass.owner, {pass.grant.access->min_interval, hub::Access::kReadsAtOnce}, now);
}

std::optional<TokenGate::Seat> TokenGate::take_seat(const Pass& pass) {
  const std::lock_guard lock(mutex_);
  auto& taken = seats_[pass.subject];
  if (pass.connections != 0 && taken >= pass.connections) {
    return std::nullopt;
  }
  ++taken;
  return Seat(*this, pass.subject);
}

std::optional<ShownToken> shown_token(const net::HttpRequest& request) {
  constexpr std::string_view kScheme = "bearer ";  // in any case of letters
  const std::string_view header = request.header("Authorization");
  const auto same = [](char wanted, char letter) { return letter == wanted || (wanted != ' ' && (letter | 0x20) == wanted); };
  if (header.size() > kScheme.size() && std::equal(kScheme.begin(), kScheme.end(), header.begin(), same)) {
    return ShownToken{std::string(header.substr(kScheme.size())), true};
  }
  if (auto value = request.query_value("token")) {
    return ShownToken{*std::move(value), false};
  }
  return std::nullopt;
}

}  // namespace ticker::tickerd
