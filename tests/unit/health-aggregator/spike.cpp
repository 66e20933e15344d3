#include "health-aggregator/core/spike.hpp"

#include <catch2/catch.hpp>

#include "health-aggregator/settings.hpp"

using namespace carillon::health;

namespace {
SpikeLevel level(int sent, int failed) {
  return spike_level(sent, failed, {});
}
}  // namespace

TEST_CASE("spike: WARN begins at 10 failures and 10 percent, both") {
  CHECK(level(90, 10) == SpikeLevel::WARN);
  CHECK(level(0, 9) == SpikeLevel::NONE);
  CHECK(level(91, 10) == SpikeLevel::NONE);
  CHECK(level(0, 0) == SpikeLevel::NONE);
}

TEST_CASE("spike: CRIT begins at 50 failures and 25 percent, both") {
  CHECK(level(150, 50) == SpikeLevel::CRIT);
  CHECK(level(151, 50) == SpikeLevel::WARN);
  CHECK(level(0, 49) == SpikeLevel::WARN);
  CHECK(level(100'000, 20'000) == SpikeLevel::WARN);
}

TEST_CASE("spike: thresholds are settings") {
  const SpikeRule strict{{1, 0}, {2, 100}};
  CHECK(spike_level(1'000'000, 1, strict) == SpikeLevel::WARN);
  CHECK(spike_level(0, 2, strict) == SpikeLevel::CRIT);
  CHECK(spike_level(1, 2, strict) == SpikeLevel::WARN);
}

TEST_CASE("spike: each level is told once until it clears, and a lower one after a higher one not at all") {
  using enum SpikeLevel;
  const std::vector<std::pair<SpikeLevel, SpikeStep>> course{
      {NONE, SpikeStep::NOTHING}, {WARN, SpikeStep::TELL},    {WARN, SpikeStep::NOTHING}, {CRIT, SpikeStep::TELL},
      {WARN, SpikeStep::NOTHING}, {CRIT, SpikeStep::NOTHING}, {NONE, SpikeStep::CLEAR},   {NONE, SpikeStep::NOTHING},
      {CRIT, SpikeStep::TELL},    {WARN, SpikeStep::NOTHING}, {NONE, SpikeStep::CLEAR},   {WARN, SpikeStep::TELL}};
  SpikeLevel told = NONE;
  for (const auto& [now, expected] : course) {
    CAPTURE(name(now), name(told));
    CHECK(spike_step(now, told) == expected);
    if (expected == SpikeStep::TELL) told = now;
    if (expected == SpikeStep::CLEAR) told = NONE;
  }
}

TEST_CASE("spike: a level is found by its name") {
  for (const SpikeLevel each : {SpikeLevel::NONE, SpikeLevel::WARN, SpikeLevel::CRIT})
    CHECK(spike_level_named(name(each)) == each);
  CHECK(spike_level_named("LOUD") == SpikeLevel::NONE);
}

TEST_CASE("spike settings: defaults are those of the rule, and CRIT below WARN refuses to start") {
  const std::string key(64, 'a');
  carillon::service::Settings settings({{"CARILLON_AUDIT_KEY", key}});
  const HealthSettings read = HealthSettings::read(settings);
  settings.finish();
  CHECK(read.spike.warn.failures_min == 10);
  CHECK(read.spike.crit.percent_min == 25);
  CHECK(read.spike_interval == std::chrono::minutes{5});
  carillon::service::Settings wrong({{"CARILLON_AUDIT_KEY", key}, {"NOTIFICATION_SPIKE_CRIT_FAILURES", "9"}});
  HealthSettings::read(wrong);
  CHECK_THROWS_WITH(wrong.finish(), Catch::Matchers::Contains("NOTIFICATION_SPIKE_CRIT_FAILURES"));
}
