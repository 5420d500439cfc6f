#include "token_checks.hpp"

#include <utility>

namespace ticker::tickerd {

using protocol::CloseCode;

HttpCode http_code(CloseCode code) {
  switch (code) {
    case CloseCode::kLimitReached: return {429, "too_many_connections"};
    case CloseCode::kTooManyRequests: return {429, "rate_limited"};
    default: return {401, protocol::close_code_name(code)};
  }
}

std::variant<TokenGate::Pass, TurnedAway> TokenChecks::check(std::string_view token, const AddressKey& from) {
  const Timestamp now = shared_.clock.now();
  if (!shared_.admission.may_show_token(from, now)) {
    refused_.count(Refused::kBadTokens);
    return TurnedAway{CloseCode::kTooManyRequests, "too many tokens from this address were refused; show another one later"};
  }
  auto checked = shared_.tokens.check(token, now);
  if (auto* pass = std::get_if<TokenGate::Pass>(&checked)) {
    stats_.count_good();
    return std::move(*pass);
  }
  auto& wrong = std::get<auth::Refused>(checked);
  stats_.count(wrong.reason);
  shared_.admission.note_bad_token(from, now);
  return TurnedAway{wrong.reason == auth::Refusal::kExpired ? CloseCode::kTokenExpired : CloseCode::kUnauthorised,
                    std::move(wrong.message)};
}

std::optional<TokenGate::Seat> TokenChecks::take_seat(const TokenGate::Pass& pass) {
  auto seat = shared_.tokens.take_seat(pass);
  if (!seat) {
    refused_.count(Refused::kPerSubject);
  }
  return seat;
}

}  // namespace ticker::tickerd
