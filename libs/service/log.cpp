#include "service/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "service/log_line.hpp"

namespace carillon::log {
namespace {

std::atomic<Level> level_min{Level::INFO};
// Replaced only by configure(), kept for the process's life: threads may still log while statics are destroyed.
std::atomic<const std::string*> service_name{nullptr};

// Standard error without a buffer of our own: one write a line, so a line that was logged survives SIGKILL.
spdlog::logger& sink() {
  static auto* const logger = [] {
    auto* made = new spdlog::logger("carillon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::DEBUG:
      return spdlog::level::debug;
    case Level::INFO:
      return spdlog::level::info;
    case Level::WARN:
      return spdlog::level::warn;
    case Level::ERROR:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void configure(std::string_view service, Level level) {
  static std::mutex mutex;
  static auto* const names = new std::deque<std::string>;  // NOLINT: see service_name
  const std::lock_guard lock(mutex);
  service_name.store(&names->emplace_back(service));
  level_min.store(level);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields, std::string_view trace_id) {
  if (level < level_min.load(std::memory_order_relaxed)) return;
  try {
    const std::string* service = service_name.load();
    const auto now = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const std::string text =
        line(now, level, service ? std::string_view(*service) : "carillon", event, fields, trace_id);
    sink().log(to_spdlog(level), std::string_view(text));
  } catch (...) {
    std::fputs("{\"level\":\"error\",\"event\":\"log_write_failed\"}\n",
               stderr);  // out of memory: nothing else is left
  }
}

}  // namespace carillon::log
