#pragma once

#include <string>

namespace ticker::net {

// Why a set-up step failed: one line that names the thing, its value and what was expected.
struct Error {
  std::string message;
};

}  // namespace ticker::net
