#include <ticker/base/log.hpp>

#include <utility>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace ticker::log {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
  }
  return spdlog::level::err;
}

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = spdlog::stderr_color_mt("ticker");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

std::function<void(Level, std::string_view)>& test_sink() {
  static std::function<void(Level, std::string_view)> sink;
  return sink;
}

}  // namespace

void write(Level level, std::string_view message) {
  if (test_sink()) {
    test_sink()(level, message);
    return;
  }
  logger().log(spdlog_level(level), spdlog::string_view_t(message.data(), message.size()));
}

void set_level(Level level) { logger().set_level(spdlog_level(level)); }

void set_sink(std::function<void(Level, std::string_view)> sink) { test_sink() = std::move(sink); }

}  // namespace ticker::log
