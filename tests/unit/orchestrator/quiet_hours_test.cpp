#include "orchestrator/core/quiet_hours.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/send_time.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

UtcTime at(const char* text) {
  const auto time = from_rfc3339(text);
  REQUIRE(time);
  return *time;
}

QuietHours quiet(const char* text) {
  const auto read = parse_quiet_hours(text);
  REQUIRE(read);
  return *read;
}

// "" = not quiet.
std::string until(const char* time, const char* span, const char* zone) {
  const auto end = quiet_until(at(time), quiet(span), zone);
  return end ? to_rfc3339(*end).substr(0, 19) : "";
}

TemplateMeta mail(events::Audience audience = events::Audience::CLIENT, const char* category = "reminders") {
  TemplateMeta meta;
  meta.audience = audience;
  meta.category = category;
  meta.unconfirmed_policy = events::UnconfirmedPolicy::HOLD;
  return meta;
}

}  // namespace

TEST_CASE("quiet hours: two different times of the day, and nothing else") {
  CHECK(quiet("22:00-07:00") == QuietHours{hours(22), hours(7)});
  CHECK(quiet("00:00-23:59") == QuietHours{minutes(0), hours(24) - minutes(1)});
  CHECK(to_text(quiet("09:05-17:30")) == "09:05-17:30");
  for (const char* bad : {"", "22:00", "22:00-7:00", "22:00-24:00", "22:60-07:00", "22.00-07:00", "22:00 07:00",
                          "22:00-22:00", "-1:00-07:00", "22:00-07:00 ", "aa:bb-cc:dd"}) {
    INFO(bad);
    CHECK_FALSE(parse_quiet_hours(bad));
  }
}

TEST_CASE("quiet hours: from the first moment to right before the last, over midnight and within a day") {
  CHECK(until("2027-01-10T21:59:59.999999Z", "22:00-07:00", "UTC") == "");
  CHECK(until("2027-01-10T22:00:00Z", "22:00-07:00", "UTC") == "2027-01-11T07:00:00");
  CHECK(until("2027-01-11T00:00:00Z", "22:00-07:00", "UTC") == "2027-01-11T07:00:00");
  CHECK(until("2027-01-11T06:59:59.999999Z", "22:00-07:00", "UTC") == "2027-01-11T07:00:00");
  CHECK(until("2027-01-11T07:00:00Z", "22:00-07:00", "UTC") == "");
  CHECK(until("2027-01-11T12:00:00Z", "12:00-13:00", "UTC") == "2027-01-11T13:00:00");
  CHECK(until("2027-01-11T13:00:00Z", "12:00-13:00", "UTC") == "");
  CHECK(until("2027-12-31T23:00:00Z", "22:00-07:00", "UTC") == "2028-01-01T07:00:00");
  CHECK(until("1969-12-31T23:00:00.5Z", "22:00-07:00", "UTC") == "1970-01-01T07:00:00");
}

TEST_CASE("quiet hours: local times of the client's zone; one that is unknown or empty is UTC") {
  CHECK(until("2027-01-11T05:30:00Z", "22:00-07:00", "America/New_York") == "2027-01-11T12:00:00");
  CHECK(until("2027-01-11T02:30:00Z", "22:00-07:00", "America/New_York") == "");
  CHECK(until("2027-01-10T16:30:00Z", "22:00-07:00", "Asia/Kolkata") == "2027-01-11T01:30:00");
  CHECK(until("2027-01-10T11:59:00Z", "22:00-07:00", "Pacific/Kiritimati") == "2027-01-10T17:00:00");
  for (const char* zone : {"", "Europe/Nowhere", "../../etc/passwd"}) {
    INFO(zone);
    CHECK(until("2027-01-10T23:00:00Z", "22:00-07:00", zone) == "2027-01-11T07:00:00");
    CHECK_FALSE(is_time_zone(zone));
  }
  CHECK(is_time_zone("Europe/London"));
}

TEST_CASE("quiet hours: the night in which clocks go forward is an hour shorter, the one back an hour longer") {
  // Europe/Berlin: 28 March 2027, 02:00 -> 03:00; 31 October 2027, 03:00 -> 02:00.
  CHECK(until("2027-03-27T21:00:00Z", "22:00-07:00", "Europe/Berlin") == "2027-03-28T05:00:00");
  CHECK(until("2027-03-28T04:59:59Z", "22:00-07:00", "Europe/Berlin") == "2027-03-28T05:00:00");
  CHECK(until("2027-03-28T20:00:00Z", "22:00-07:00", "Europe/Berlin") == "2027-03-29T05:00:00");
  CHECK(until("2027-10-30T20:00:00Z", "22:00-07:00", "Europe/Berlin") == "2027-10-31T06:00:00");
  CHECK(until("2027-10-31T05:59:59Z", "22:00-07:00", "Europe/Berlin") == "2027-10-31T06:00:00");
  CHECK(until("2027-10-31T20:59:59Z", "22:00-07:00", "Europe/Berlin") == "");
  CHECK(until("2027-10-31T21:00:00Z", "22:00-07:00", "Europe/Berlin") == "2027-11-01T06:00:00");
}

TEST_CASE("quiet hours: an end or start that the day skips is the moment of the change") {
  CHECK(until("2027-03-28T00:30:00Z", "22:00-02:30", "Europe/Berlin") == "2027-03-28T01:00:00");
  CHECK(until("2027-03-28T01:00:00Z", "22:00-02:30", "Europe/Berlin") == "");
  CHECK(until("2027-03-28T00:59:59Z", "02:30-07:00", "Europe/Berlin") == "");
  CHECK(until("2027-03-28T01:00:00Z", "02:30-07:00", "Europe/Berlin") == "2027-03-28T05:00:00");
  for (const char* time : {"2027-03-28T00:59:59Z", "2027-03-28T01:00:00Z", "2027-03-28T01:30:00Z"})
    CHECK(until(time, "02:10-02:50", "Europe/Berlin") == "");  // the whole of it is skipped
  // Where midnight is skipped: Africa/Cairo, 30 April 2027, 00:00 -> 01:00.
  CHECK(until("2027-04-29T21:59:59Z", "00:00-06:00", "Africa/Cairo") == "");
  CHECK(until("2027-04-29T22:00:00Z", "00:00-06:00", "Africa/Cairo") == "2027-04-30T03:00:00");
}

TEST_CASE("quiet hours: of an end that comes twice the second, of a start that comes twice the first") {
  CHECK(until("2027-10-31T00:29:00Z", "22:00-02:30", "Europe/Berlin") == "2027-10-31T01:30:00");
  CHECK(until("2027-10-31T01:00:00Z", "22:00-02:30", "Europe/Berlin") == "2027-10-31T01:30:00");
  CHECK(until("2027-10-31T01:30:00Z", "22:00-02:30", "Europe/Berlin") == "");
  CHECK(until("2027-10-31T00:29:59Z", "02:30-07:00", "Europe/Berlin") == "");
  CHECK(until("2027-10-31T00:30:00Z", "02:30-07:00", "Europe/Berlin") == "2027-10-31T06:00:00");
  CHECK(until("2027-10-31T01:15:00Z", "02:30-07:00", "Europe/Berlin") == "2027-10-31T06:00:00");
}

TEST_CASE("quiet hours: who is told to wait is out of them at that moment, minute by minute around every change") {
  const auto look = [](const char* zone, UtcTime from) {
    for (const std::string span : {"22:00-07:00", "01:30-02:30", "02:30-01:30", "00:00-03:00", "23:59-00:01"}) {
      const QuietHours daily = quiet(span.c_str());
      bool was_quiet = false;
      for (UtcTime now = from; now < from + hours(50); now += minutes(1)) {
        const auto end = quiet_until(now, daily, zone);
        if (end && (*end <= now || *end > now + hours(26) || quiet_until(*end, daily, zone)))
          FAIL(zone << " " << span << " " << to_rfc3339(now));
        was_quiet = was_quiet || end.has_value();
      }
      CHECK(was_quiet);
    }
  };
  look("Europe/Berlin", at("2027-03-27T00:00:00Z"));
  look("Europe/Berlin", at("2027-10-30T00:00:00Z"));
  look("America/New_York", at("2027-03-13T00:00:00Z"));
  look("Australia/Lord_Howe", at("2027-04-03T00:00:00Z"));  // half an hour
  look("Pacific/Apia", at("2011-12-29T00:00:00Z"));         // a whole day is skipped
}

TEST_CASE("send time: send_at, then the quiet hours it falls into; a time that has passed is now") {
  const UtcTime now = at("2027-01-10T12:00:00Z");
  events::SendRequest request;
  request.accepted_at = now;
  CHECK_FALSE(wait_of(request, std::nullopt, "UTC", now));
  CHECK(wanted_at(request) == now);
  request.send_at = now - seconds(1);
  CHECK_FALSE(wait_of(request, std::nullopt, "UTC", now));
  CHECK(wanted_at(request) == now);
  request.send_at = now + hours(3);
  const auto wait = wait_of(request, quiet("22:00-07:00"), "UTC", now);
  REQUIRE(wait);
  CHECK(wait->until == now + hours(3));
  CHECK(wait->reason == "SEND_AT");
  CHECK(wanted_at(request) == now + hours(3));
  request.send_at = now + hours(12);
  const auto night = wait_of(request, quiet("22:00-07:00"), "UTC", now);
  REQUIRE(night);
  CHECK(night->until == at("2027-01-11T07:00:00Z"));
  CHECK(night->reason == "QUIET_HOURS");
  request.send_at.reset();
  CHECK_FALSE(wait_of(request, quiet("22:00-07:00"), "UTC", now));
  CHECK(wait_of(request, quiet("22:00-07:00"), "UTC", now + hours(11))->until == at("2027-01-11T07:00:00Z"));
}

TEST_CASE("send time: CRITICAL, staff, codes and answers in a conversation never keep quiet") {
  using events::Priority;
  CHECK(keeps_quiet(mail(), Priority::NORMAL));
  CHECK(keeps_quiet(mail(), Priority::BULK));
  CHECK(keeps_quiet(mail(events::Audience::CLIENT, "billing"), Priority::NORMAL));
  CHECK_FALSE(keeps_quiet(mail(), Priority::CRITICAL));
  CHECK_FALSE(keeps_quiet(mail(events::Audience::ADMIN), Priority::NORMAL));
  CHECK_FALSE(keeps_quiet(mail(events::Audience::OPS), Priority::BULK));
  CHECK_FALSE(keeps_quiet(mail(events::Audience::CLIENT, "security"), Priority::NORMAL));
  TemplateMeta answer = mail();
  answer.unconfirmed_policy = events::UnconfirmedPolicy::RESEND;
  CHECK_FALSE(keeps_quiet(answer, Priority::NORMAL));
}
