#pragma once

#include <functional>
#include <string_view>

namespace ticker::log {

// Whose fault it is: kWarn is a peer's (a client, a venue), kError is ours. Nothing on the path of a tick logs.
enum class Level { kDebug, kInfo, kWarn, kError };

// One line to standard error: time, level, message. Any thread. Never a secret, never a query string.
void write(Level level, std::string_view message);

inline void info(std::string_view message) { write(Level::kInfo, message); }
inline void warn(std::string_view message) { write(Level::kWarn, message); }
inline void error(std::string_view message) { write(Level::kError, message); }

// Lines below `level` are dropped. Default kInfo. Any thread.
void set_level(Level level);

// For tests: lines go to `sink` instead, until it is called again with nullptr. Requires: no other thread logs meanwhile.
void set_sink(std::function<void(Level, std::string_view)> sink);

}  // namespace ticker::log
