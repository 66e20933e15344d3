#include "provisioning/core/local_schedule.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "provisioning/core/scheduled_job.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace std::chrono_literals;

namespace {

Date day(const char* text) {
  return read_date(text).value();
}

UtcTime at(const char* text) {
  return from_rfc3339(text).value();
}

constexpr const char* london = "Europe/London";
constexpr const char* lord_howe = "Australia/Lord_Howe";  // half an hour of summer time

}  // namespace

TEST_CASE("schedule: a daily job comes once on each date of a year, whatever clocks do at its time") {
  for (const char* zone : {london, "America/New_York", lord_howe, "Asia/Kathmandu", "Africa/Casablanca", ""}) {
    for (const std::chrono::minutes time : {0min, 90min, 120min, 135min, 150min, 540min}) {
      const Schedule schedule{Cadence::DAILY, time};
      const UtcTime end = at("2028-01-03T00:00:00Z");
      std::set<Date> dates;
      UtcTime moment = at("2027-01-01T00:00:00Z");
      while ((moment = next_moment(schedule, zone, moment)) < end) {
        CHECK(dates.insert(local_date(zone, moment)).second);
        CHECK(latest_moment(schedule, zone, moment) == moment);
        CHECK(latest_moment(schedule, zone, moment + 1s) == moment);
        CHECK(latest_moment(schedule, zone, next_moment(schedule, zone, moment) - 1us) == moment);
      }
      CHECK(days_between(*dates.begin(), *dates.rbegin()) + 1 == static_cast<int>(dates.size()));
    }
  }
}

TEST_CASE("schedule: weekly is on Mondays, monthly on the first, also over a change of the clocks") {
  const Schedule weekly{Cadence::WEEKLY, 9h}, monthly{Cadence::MONTHLY, 9h};
  CHECK(next_moment(weekly, london, at("2027-03-22T09:00:00Z")) == at("2027-03-29T08:00:00Z"));
  CHECK(latest_moment(weekly, london, at("2027-03-29T07:59:59Z")) == at("2027-03-22T09:00:00Z"));
  CHECK(next_moment(monthly, london, at("2027-03-01T09:00:00Z")) == at("2027-04-01T08:00:00Z"));
  CHECK(latest_moment(monthly, london, at("2027-04-01T07:59:59Z")) == at("2027-03-01T09:00:00Z"));
  CHECK(latest_moment(monthly, london, at("2027-01-01T08:59:59Z")) == at("2026-12-01T09:00:00Z"));
  CHECK(month_before(day("2027-01-01")) == day("2026-12-01"));
  CHECK(month_before(day("2027-03-31")) == day("2027-02-01"));
}

TEST_CASE("scheduled job: all time zones that are due share a run, however much each has missed") {
  const ScheduledJobFacts& job = *find_scheduled_job("compliance-reminders");
  const std::vector<ZoneProgress> zones{{london, at("2027-03-20T09:00:00Z")},
                                        {"America/New_York", at("2027-03-20T13:00:00Z")},
                                        {"Asia/Kathmandu", at("2027-03-25T03:15:00Z")}};
  const auto run = due_run(job, zones, at("2027-03-25T12:00:00Z"));
  REQUIRE(run);
  CHECK(run->scheduled_for == at("2027-03-25T09:00:00Z"));
  REQUIRE(run->zones.size() == 2);
  CHECK(run->zones[0].done_until == at("2027-03-25T09:00:00Z"));
  CHECK(run->zones[1].done_until == at("2027-03-24T13:00:00Z"));
  CHECK_FALSE(due_run(job, run->zones, at("2027-03-25T12:59:59Z")));
  CHECK(due_run(job, run->zones, at("2027-03-25T13:00:00Z"))->zones.size() == 1);
}

TEST_CASE("scheduled job: who moves is done with a date once, be it skipped by moving or lived through twice") {
  constexpr const char *west = "Pacific/Pago_Pago", *east = "Pacific/Tongatapu";  // 11 hours behind UTC, 13 ahead
  const Schedule daily{Cadence::DAILY, 9h}, weekly{Cadence::WEEKLY, 9h}, monthly{Cadence::MONTHLY, 9h};
  // Nine in the morning in both: of 28 February 2027 in the west, of Monday, 1 March in the east.
  const UtcTime nine = at("2027-02-28T20:00:00Z");
  CHECK(done_until_there(daily, west, east, nine) == nine - 24h);
  CHECK(done_until_there(daily, east, west, nine) == nine + 24h);
  CHECK(done_until_there(daily, west, east, nine - 1s) == nine - 48h);
  CHECK(done_until_there(weekly, west, east, nine) == at("2027-02-21T20:00:00Z"));
  CHECK(done_until_there(weekly, east, west, nine) == nine + 24h);
  CHECK(done_until_there(monthly, west, east, nine) == at("2027-01-31T20:00:00Z"));
  CHECK(done_until_there(monthly, east, west, nine + 5h) == nine + 24h);
  CHECK(done_until_there(daily, london, london, at("2027-03-28T12:00:00Z")) == at("2027-03-28T08:00:00Z"));
}

TEST_CASE("scheduled job: pauses after failures grow and then stay; names find their jobs") {
  CHECK(run_retry_pause(1) == 1min);
  CHECK(run_retry_pause(4) == 60min);
  CHECK(run_retry_pause(400) == 60min);
  for (const ScheduledJobFacts& facts : scheduled_jobs) {
    CHECK(find_scheduled_job(facts.name) == &facts);
    CHECK(name_of(facts.job) == facts.name);
  }
  CHECK(find_scheduled_job("jobs") == nullptr);
}
