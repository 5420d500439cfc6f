#pragma once

#include <string>

#include <ticker/base/result.hpp>

namespace ticker::auth {

// The whole file, up to 1 MiB. The error names it.
Result<std::string> read_file(const std::string& file);
// A secret of HS256: a file's bytes but for one line end. Refused where it is shorter than the
// hash, or no secret at all.
Result<std::string> read_secret(const std::string& file);

}  // namespace ticker::auth
