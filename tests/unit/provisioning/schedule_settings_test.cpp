#include "provisioning/schedule_settings.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;

TEST_CASE("settings: days of reminders come in any order; what is no list of them refuses to start") {
  const auto read = [](const std::string& days) {
    service::Settings settings({{"COMPLIANCE_REMINDER_DAYS", days}});
    auto found = ScheduleSettings::read(settings).rules.reminder_days;
    settings.finish();
    return found;
  };
  CHECK(read("30,7,14") == std::vector<int>{7, 14, 30});
  CHECK(read("1,365") == std::vector<int>{1, 365});
  for (const char* wrong : {"0", "366", "seven", "7,7", "7,8", "7;14", "1,3,5,7,9,11,13,15,17,19,21", "-7", "7.5"})
    CHECK_THROWS_AS(read(wrong), service::SettingsError);
  service::Settings none({});
  CHECK(ScheduleSettings::read(none).rules.reminder_days == std::vector<int>{7, 14, 30});
}
