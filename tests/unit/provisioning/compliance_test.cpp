#include <catch2/catch.hpp>
#include <map>

#include "provisioning/core/compliance_due.hpp"
#include "provisioning/core/compliance_report.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

const std::vector<int> windows{7, 14, 30};
const Date today = read_date("2027-03-01").value();
constexpr UtcTime now = from_unix_micros(1'804'000'000'000'000);

std::optional<int> window_at(int days_left, std::optional<int> reminded = std::nullopt) {
  return due_window(today + days{days_left}, today, reminded, windows);
}

ExpiringItem expiring(const char* name, int days_left, std::optional<int> reminded = std::nullopt) {
  return {name, name, today + days{days_left}, reminded, std::nullopt};
}

std::string names(const std::vector<DueReminder>& due) {
  std::string out;
  for (const auto& one : due) out += one.item->name + ":" + std::to_string(one.window_days) + " ";
  return out;
}

Result<ComplianceItem> item_of(const char* body) {
  return changed_item({}, body, true, now);
}

}  // namespace

TEST_CASE("reminders: due 30, 14 and 7 days before, the nearest window only, once each") {
  CHECK_FALSE(window_at(31));
  CHECK(window_at(30) == 30);
  CHECK_FALSE(window_at(29, 30));
  CHECK_FALSE(window_at(15, 30));
  CHECK(window_at(14, 30) == 14);
  CHECK_FALSE(window_at(13, 14));
  CHECK(window_at(7, 14) == 7);
  CHECK_FALSE(window_at(6, 7));
  CHECK_FALSE(window_at(0, 7));
}

TEST_CASE("reminders: an item created inside two windows, or found late, gets the nearest only") {
  CHECK(window_at(10) == 14);
  CHECK(window_at(5) == 7);
  CHECK(window_at(0) == 7);
  CHECK(window_at(5, 30) == 7);  // days missed: 14 is passed
  CHECK_FALSE(window_at(-1));
}

TEST_CASE("reminders: all due items of a client stand in one mail, by date") {
  const std::vector<ExpiringItem> items{expiring("late", 30), expiring("told", 12, 14), expiring("soon", 7, 14),
                                        expiring("far", 31)};
  CHECK(names(due_reminders(items, today, windows, now)) == "soon:7 late:30 ");
}

TEST_CASE("reminders: an item whose date a mail named within 24 hours waits, for the pipe takes one a date and day") {
  std::vector<ExpiringItem> items{expiring("new", 20), expiring("other", 21)};
  items[0].date_named_at = now - 24h + 1us;
  CHECK(names(due_reminders(items, today, windows, now)) == "other:30 ");
  CHECK(names(due_reminders(items, today, windows, now + 1us)) == "new:30 other:30 ");
}

TEST_CASE(
    "compliance SLA: an item is missed the day after its date, and after a week without verification, once each") {
  WatchedItem item{"i", "Gas", today, std::string(item_active), now, false, false};
  CHECK(missed_slas({&item, 1}, today, {}).empty());
  const auto missed = missed_slas({&item, 1}, today + days{1}, {});
  REQUIRE(missed.size() == 1);
  CHECK(missed[0].due_on == today);
  CHECK(missed_slas({&item, 1}, today + days{2}, {2, 7}).empty());
  CHECK(missed_slas({&item, 1}, today + days{3}, {2, 7}).size() == 1);
  item.expired_alerted = true;
  CHECK(missed_slas({&item, 1}, today + days{9}, {}).empty());
  item.status = item_unverified;
  const Date since = date_of(now);
  CHECK(missed_slas({&item, 1}, since + days{7}, {}).empty());
  REQUIRE(missed_slas({&item, 1}, since + days{8}, {}).size() == 1);
  CHECK(missed_slas({&item, 1}, since + days{8}, {})[0].breach == SlaBreach::UNVERIFIED);
  item.expired_alerted = false;
  item.status = item_resolved;
  CHECK(missed_slas({&item, 1}, today + days{99}, {}).empty());
}

TEST_CASE("compliance item: name and date are required, what is wrong is named") {
  const auto item = item_of(R"({"name":"Gas safety record","expires_on":"2028-02-29"})");
  REQUIRE(item);
  CHECK(item->status == item_active);
  CHECK(item->status_since == now);
  CHECK(to_iso(item->expires_on) == "2028-02-29");
  for (const auto& [body, detail] : std::map<std::string, std::string>{
           {R"({"expires_on":"2027-02-28"})", "name: is required"},
           {R"({"name":"x"})", "expires_on: is required"},
           {R"({"name":" ","expires_on":"2027-02-28"})", "name: must not be empty"},
           {R"({"name":"a\nb","expires_on":"2027-02-28"})", "name: must not hold control characters"},
           {R"({"name":"x","expires_on":"2027-02-29"})", "expires_on: must be a date such as 2027-02-28"},
           {R"({"name":"x","expires_on":"28.2.2027"})", "expires_on: must be a date such as 2027-02-28"},
           {R"({"name":"x","expires_on":5})", "expires_on: must be a text"},
           {R"({"name":"x","expires_on":"2027-02-28","status":"LATE"})",
            "status: must be one of ACTIVE, PENDING_VERIFICATION, RESOLVED"},
           {R"({"name":"x","expires_on":"2027-02-28","id":"y"})",
            "body: holds a field that is not known; there are name, expires_on, status"}}) {
    const auto refused = item_of(body.c_str());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "INVALID_FIELD");
    CHECK(refused.error().detail == detail);
  }
  const std::string longest(item_name_chars_max, 'x');
  CHECK(item_of((R"({"expires_on":"2027-02-28","name":")" + longest + "\"}").c_str()));
  CHECK_FALSE(item_of((R"({"expires_on":"2027-02-28","name":"x)" + longest + "\"}").c_str()));
  CHECK(item_of("[]").error().code != "");
}

TEST_CASE("compliance item: a change keeps what it does not name, and notes since when a status stands") {
  const ComplianceItem before = *item_of(R"({"name":"Gas","expires_on":"2027-02-28"})");
  const auto renamed = changed_item(before, R"({"name":"Gas 2"})", false, now + 1h);
  REQUIRE(renamed);
  CHECK(renamed->status_since == now);
  CHECK(changed_fields(before, *renamed) == std::vector<std::string_view>{"name"});
  const auto resolved = changed_item(before, R"({"status":"RESOLVED","expires_on":"2028-02-28"})", false, now + 1h);
  REQUIRE(resolved);
  CHECK(resolved->status_since == now + 1h);
  CHECK(changed_fields(before, *resolved) == std::vector<std::string_view>{"expires_on", "status"});
}

TEST_CASE("calendar date: as tables have it and as people read it") {
  for (const char* wrong : {"", "2027-2-28", "2027-13-01", "2027-00-10", "2027-04-31", "0000-01-01", "2027-01-01 "})
    CHECK_FALSE(read_date(wrong));
  const Date date = read_date("2027-09-05").value();
  CHECK(for_people(date) == "5 September 2027");
  CHECK(short_for_people(date) == "5 Sep 2027");
  CHECK(month_for_people(date) == "September 2027");
  CHECK(to_iso(read_date("0099-12-31").value()) == "0099-12-31");
}

TEST_CASE("compliance report: quotes what CSV needs quoted, and keeps spreadsheets from running names") {
  ComplianceItem item = *item_of(R"({"name":"Gas, \"boiler\"","expires_on":"2027-03-08"})");
  ComplianceItem formula = *item_of(R"({"name":"=1+1","expires_on":"2027-02-27","status":"PENDING_VERIFICATION"})");
  const std::vector<ComplianceItem> items{item, formula};
  CHECK(compliance_csv(items, today) ==
        "name,expires_on,days_left,status\r\n"
        "\"Gas, \"\"boiler\"\"\",2027-03-08,7,ACTIVE\r\n"
        "\"'=1+1\",2027-02-27,-2,PENDING_VERIFICATION\r\n");
  CHECK(compliance_csv({}, today) == "name,expires_on,days_left,status\r\n");
}
