#include "provider-dispatcher/adapters/providers/console/settings.hpp"

#include "provider-dispatcher/adapters/providers/setting_names.hpp"

namespace carillon::dispatcher {

ConsoleSettings ConsoleSettings::read(service::Settings& settings) {
  ConsoleSettings out;
  out.enabled = settings.flag("SMS_CONSOLE_ENABLED", false,
                              "Let the provider console take SMS and write them where a developer can see them");
  out.file = settings.text("CARILLON_CONSOLE_FILE", "", "File that console appends one JSON line per SMS to");
  out.sandbox_url = without_trailing_slash(
      settings.url("CARILLON_SANDBOX_URL", "", "Sandbox that console sends its SMS to, instead of a file"));
  out.rate_per_second = settings.number("CONSOLE_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "SMS a second to console, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("CONSOLE_CONCURRENCY", 32, 1, concurrency_max, "SMS to console at once from one process"));
  return out;
}

std::string ConsoleSettings::missing() const {
  return names_of_missing({{"SMS_CONSOLE_ENABLED=true", enabled},
                           {"CARILLON_CONSOLE_FILE or CARILLON_SANDBOX_URL", !file.empty() || !sandbox_url.empty()}});
}

}  // namespace carillon::dispatcher
