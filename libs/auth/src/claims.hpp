#pragma once

#include <string_view>
#include <variant>

#include <ticker/auth/verifier.hpp>

namespace ticker::auth {

// What a signed payload says, or why it does not hold now, or not here.
std::variant<Claims, Refused> read_claims(std::string_view payload,
                                          const Verifier::Options& options, Timestamp now);

}  // namespace ticker::auth
