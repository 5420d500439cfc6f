#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include <ticker/auth/verifier.hpp>
#include <ticker/hub/access.hpp>
#include <ticker/net/http.hpp>

#include "paces.hpp"

namespace ticker::tickerd {

// Who comes in with which token, over all shards: the keys that tokens are checked with, which may be exchanged while
// clients are there, and how many connections each subject has. Any thread; asked once a token, never on the path of a tick.
class TokenGate {
 public:
  // One connection of a subject; given back when destroyed. Must not outlive its gate.
  class Seat {
   public:
    Seat(Seat&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)), subject_(std::move(other.subject_)) {}
    Seat& operator=(Seat&& other) noexcept {
      std::swap(gate_, other.gate_);
      std::swap(subject_, other.subject_);
      return *this;
    }
    ~Seat();
    const std::string& subject() const { return subject_; }

   private:
    friend class TokenGate;
    Seat(TokenGate& gate, std::string subject) : gate_(&gate), subject_(std::move(subject)) {}
    TokenGate* gate_;
    std::string subject_;
  };
  // What a good token says, in the hub's words.
  struct Pass {
    hub::Grant grant;
    std::string subject;            // empty: none
    std::uint32_t connections = 0;  // of the subject; 0: no limit
    std::string owner;              // whose reads are counted together: the subject, or this one token
  };

  // `verifier` nullptr: no tokens are demanded, and it stays so.
  explicit TokenGate(std::shared_ptr<const auth::Verifier> verifier) : verifier_(std::move(verifier)), required_(verifier_ != nullptr) {}

  bool required() const { return required_; }
  // From now on tokens are checked with these keys; those checked before stay good until they run out.
  void set_verifier(std::shared_ptr<const auth::Verifier> verifier);
  // `now`: of the service's clock, in which the grant ends. Requires: required().
  std::variant<Pass, auth::Refused> check(std::string_view token, Timestamp now) const;
  // nullopt: the subject has as many connections as the pass allows. Requires: the pass has a subject.
  std::optional<Seat> take_seat(const Pass& pass);
  // False: its owner reads more often than the pass's least interval allows.
  bool admit_read(const Pass& pass, Timestamp now);

 private:
  // Guards all below; held for a copy or a look-up, nothing is called under it.
  mutable std::mutex mutex_;
  std::shared_ptr<const auth::Verifier> verifier_;
  std::unordered_map<std::string, std::size_t> seats_;  // by subject; each has one at least
  Paces<std::string> reads_;                            // by owner

  const bool required_;
};

// The token of a request: of `Authorization: Bearer`, else of `?token=`; nullopt: it has neither.
struct ShownToken {
  std::string text;
  bool in_header = false;
};
std::optional<ShownToken> shown_token(const net::HttpRequest& request);

}  // namespace ticker::tickerd
