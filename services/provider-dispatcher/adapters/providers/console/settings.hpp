#pragma once
#include <string>

#include "service/settings.hpp"

namespace carillon::dispatcher {

struct ConsoleSettings {
  bool enabled = false;        // SMS_CONSOLE_ENABLED
  std::string file;            // CARILLON_CONSOLE_FILE
  std::string sandbox_url;     // CARILLON_SANDBOX_URL, goes before the file; without a trailing slash
  double rate_per_second = 0;  // CONSOLE_RATE_PER_SECOND
  int concurrency = 32;        // CONSOLE_CONCURRENCY

  static ConsoleSettings read(service::Settings& settings);
  std::string missing() const;
};

}  // namespace carillon::dispatcher
