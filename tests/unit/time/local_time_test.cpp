#include "time/local_time.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr const char* london = "Europe/London";
constexpr const char* lord_howe = "Australia/Lord_Howe";  // half an hour of summer time

UtcTime at(const char* text) {
  return from_rfc3339(text).value();
}

// Of 2027.
std::chrono::local_days day(unsigned month, unsigned day_of_month) {
  return std::chrono::local_days{std::chrono::year{2027} / std::chrono::month{month} / std::chrono::day{day_of_month}};
}

}  // namespace

TEST_CASE("local time: the same time of day is another moment in each time zone") {
  CHECK(local_moment(london, day(1, 15), 9h) == at("2027-01-15T09:00:00Z"));
  CHECK(local_moment(london, day(7, 15), 9h) == at("2027-07-15T08:00:00Z"));
  CHECK(local_moment(london, day(7, 15), 33h) == at("2027-07-16T08:00:00Z"));
  CHECK(local_moment("America/New_York", day(7, 15), 9h) == at("2027-07-15T13:00:00Z"));
  CHECK(local_moment(lord_howe, day(7, 15), 9h) == at("2027-07-14T22:30:00Z"));
  CHECK(local_moment("Asia/Kathmandu", day(7, 15), 9h) == at("2027-07-15T03:15:00Z"));
  CHECK(local_date(lord_howe, at("2027-07-14T22:30:00Z")) == day(7, 15));
  CHECK(local_date("", at("1969-12-31T23:59:59.5Z")) == std::chrono::local_days{std::chrono::days{-1}});
}

TEST_CASE("local time: a time zone that is unknown or empty is UTC") {
  CHECK(is_time_zone(london));
  CHECK(is_time_zone("Etc/UTC"));
  for (const char* name : {"", "Not/A_Zone", "../../etc/passwd"}) {
    CHECK_FALSE(is_time_zone(name));
    CHECK(local_moment(name, day(7, 15), 9h) == at("2027-07-15T09:00:00Z"));
    CHECK(local_date(name, at("2027-07-14T23:59:59.999999Z")) == day(7, 14));
  }
}

TEST_CASE("local time: one that clocks skip is the moment at which they are put forward") {
  for (const OfTwo of_two : {OfTwo::FIRST, OfTwo::SECOND}) {
    CHECK(local_moment(london, day(3, 28), 1h + 30min, of_two) == at("2027-03-28T01:00:00Z"));
    CHECK(local_moment("America/New_York", day(3, 14), 2h, of_two) == at("2027-03-14T07:00:00Z"));
    CHECK(local_moment(lord_howe, day(10, 3), 2h + 15min, of_two) == at("2027-10-02T15:30:00Z"));
  }
}

TEST_CASE("local time: one that clocks show twice is the first of the two, or the second where that is asked for") {
  CHECK(local_moment(london, day(10, 31), 1h + 30min) == at("2027-10-31T00:30:00Z"));
  CHECK(local_moment(london, day(10, 31), 1h + 30min, OfTwo::SECOND) == at("2027-10-31T01:30:00Z"));
  CHECK(local_moment("America/New_York", day(11, 7), 1h + 30min) == at("2027-11-07T05:30:00Z"));
  CHECK(local_moment(lord_howe, day(4, 4), 1h + 45min) == at("2027-04-03T14:45:00Z"));
  CHECK(local_moment(lord_howe, day(4, 4), 1h + 45min, OfTwo::SECOND) == at("2027-04-03T15:15:00Z"));
}
