#include "provisioning/app/run_scheduled_jobs.hpp"

#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "integration/provisioning/schedule_world.hpp"
#include "provisioning/app/manage_scheduled_jobs.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

constexpr const char* west = "Pacific/Pago_Pago";  // 11 hours behind UTC
constexpr const char* east = "Pacific/Tongatapu";  // 13 ahead

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("reminders: a client with two items due gets one mail that names both, and one SMS") {
  ScheduleWorld world;
  world.go_to("2027-03-01T08:00:00Z");
  world.add_client("acme", "Europe/London", true);
  world.add_client("beta", "Europe/London", false);
  world.add_item("acme", "Gas safety record", "2027-03-15");
  world.add_item("acme", "Fire certificate", "2027-03-08");
  world.add_item("acme", "Far away", "2027-05-01");
  world.add_item("acme", "Resolved", "2027-03-08", "RESOLVED");
  world.add_item("beta", "Licence", "2027-03-08");
  RunScheduledJobs& jobs = world.instance();
  CHECK(jobs.turn());
  CHECK(world.requests().empty());
  world.go_to("2027-03-01T09:00:00Z");
  CHECK(jobs.turn());
  const auto mails = world.requests("COMPLIANCE_EXPIRY_REMINDER");
  REQUIRE(mails.size() == 2);
  const auto& mail = mails[0].client_id == "acme" ? mails[0] : mails[1];
  CHECK(
      mail.variables.text ==
      R"({"expiry_date":"8 March 2027","days_left":7,"items":[{"name":"Fire certificate","expires_on":"8 March 2027"},)"
      R"({"name":"Gas safety record","expires_on":"15 March 2027"}]})");
  CHECK(mail.min_client_version == 1);
  const auto sms = world.requests("COMPLIANCE_EXPIRY_REMINDER_SMS");
  REQUIRE(sms.size() == 1);
  CHECK(sms[0].client_id == "acme");
  CHECK(sms[0].variables.text == R"({"expiry_date":"8 Mar 2027","item":"Fire certificate","more":1})");
  CHECK(world.text("SELECT outcome || clients || items || emails || sms FROM provisioning.job_runs WHERE job = "
                   "'compliance-reminders'") == "DONE2321");
}

TEST_CASE(
    "reminders: each item and window once, over restarts, changes of the leader, days missed and both changes of the "
    "clocks") {
  ScheduleWorld world;
  world.go_to("2027-02-25T00:00:00Z");
  world.add_client("acme", "Europe/London", false);
  world.add_item("acme", "Spring", "2027-04-05");  // windows 6 March, 22 March, 29 March; clocks change on the 28th
  world.add_item("acme", "Autumn", "2027-11-07");  // windows 8, 24, 31 October, when clocks change
  world.instance().turn();
  const auto live_until = [&](const char* end, const std::string& down) {
    for (int day = 0; world.clock.now() < from_rfc3339(end).value(); ++day) {
      world.stop_all();  // a restart; whoever comes first leads
      for (const std::chrono::hours pause : {8h, 1h, 6h, 9h}) {
        if (!to_rfc3339(world.clock.now()).starts_with(down))
          for (const int one : {day % 2, 1 - day % 2}) world.instance(one).turn();
        world.clock.advance(pause);
      }
    }
  };
  live_until("2027-04-10T00:00:00Z", "2027-03-22");  // all instances are down on a day with a reminder
  world.go_to("2027-09-30T00:00:00Z");               // and for months
  live_until("2027-11-10T00:00:00Z", "2027-10-24");
  std::vector<std::string> times;
  for (const auto& mail : world.requests("COMPLIANCE_EXPIRY_REMINDER"))
    times.push_back(to_rfc3339(*mail.accepted_at).substr(0, 13));
  CHECK(times == std::vector<std::string>{"2027-03-06T09", "2027-03-23T00", "2027-03-29T08", "2027-10-08T08",
                                          "2027-10-25T00", "2027-10-31T09"});
  // One run for the months that were missed.
  CHECK(world.number("SELECT count(*) FROM provisioning.job_runs WHERE job = 'compliance-reminders' AND scheduled_for "
                     "BETWEEN '2027-04-10' AND '2027-09-29T23:00Z'") == 1);
}

TEST_CASE(
    "reminders: an item that is added with a date named a moment ago comes the day after, past the pipe's window") {
  ScheduleWorld world;
  world.go_to("2027-03-01T08:00:00Z");
  world.add_client("acme", "", false);
  world.add_item("acme", "First", "2027-03-31");
  world.instance().turn();
  world.go_to("2027-03-01T09:00:00Z");
  world.instance().turn();
  world.add_item("acme", "Second", "2027-03-31");
  world.go_to("2027-03-02T09:00:00Z");
  world.clock.advance(-1s);
  world.instance().turn();
  CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == 1);
  world.clock.advance(1s);
  world.instance().turn();
  const auto mails = world.requests("COMPLIANCE_EXPIRY_REMINDER");
  REQUIRE(mails.size() == 2);
  CHECK(holds(mails[1].variables.text, "Second"));
  CHECK_FALSE(holds(mails[1].variables.text, "First"));
}

TEST_CASE("scheduled jobs: a leader that dies between batches repeats nothing and loses nothing") {
  for (const char* point :
       {"provisioning.scheduled_job.before_commit=error@2", "provisioning.scheduled_job.after_commit=error@1"}) {
    ScheduleWorld world;
    world.go_to("2027-03-01T08:00:00Z");
    world.add_many_clients(2 * clients_per_batch_max + 1, "2027-03-31");
    world.instance().turn();
    world.go_to("2027-03-01T09:00:00Z");
    configure_failpoints(point);
    CHECK_THROWS(world.instance().turn());
    configure_failpoints("");
    CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == static_cast<std::size_t>(clients_per_batch_max));
    world.stop_all();
    world.instance(1).turn();
    std::set<std::string> clients;
    for (const auto& mail : world.requests("COMPLIANCE_EXPIRY_REMINDER")) CHECK(clients.insert(mail.client_id).second);
    CHECK(clients.size() == static_cast<std::size_t>(2 * clients_per_batch_max + 1));
    CHECK(world.text("SELECT outcome || '/' || tries || '/' || emails FROM provisioning.job_runs WHERE job = "
                     "'compliance-reminders'") == "DONE/2/" + std::to_string(2 * clients_per_batch_max + 1));
  }
}

TEST_CASE("scheduled jobs: one instance leads, and when its session is gone another does") {
  ScheduleWorld world;
  world.add_client("acme", "", false);
  CHECK(world.instance(0).turn());
  CHECK_FALSE(world.instance(1).turn());
  CHECK(world.instance(0).turn());
  world.owner.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%jobs-0%'");
  CHECK(world.wait([&] {
    try {
      return world.instance(1).turn();
    } catch (const std::exception&) {
      return false;
    }
  }));
  bool first_leads = true;
  try {
    first_leads = world.instance(0).turn();
  } catch (const std::exception&) {
    first_leads = false;  // its session was ended under it
  }
  CHECK_FALSE(first_leads);
}

TEST_CASE("scheduled jobs: a failed run is recorded, and another made after a pause") {
  ScheduleWorld world;
  world.go_to("2027-03-01T08:00:00Z");
  world.add_client("acme", "", false);
  world.add_item("acme", "Gas", "2027-03-31");
  world.instance().turn();
  world.owner.run("ALTER TABLE provisioning.compliance_reminders ADD CONSTRAINT broken CHECK (false)");
  world.go_to("2027-03-01T09:00:00Z");
  world.instance().turn();
  world.instance().turn();
  const std::string runs =
      "SELECT string_agg(outcome, ',' ORDER BY requested_at, id) FROM provisioning.job_runs WHERE job = "
      "'compliance-reminders'";
  CHECK(world.text(runs) == "FAILED");
  CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").empty());
  CHECK(holds(world.metrics.expose(),
              R"(carillon_scheduled_job_runs_total{outcome="FAILED",scheduled_job="compliance-reminders"} 1)"));
  world.owner.run("ALTER TABLE provisioning.compliance_reminders DROP CONSTRAINT broken");
  world.clock.advance(run_retry_pauses.front());
  world.instance().turn();
  CHECK(world.text(runs) == "FAILED,DONE");
  CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == 1);
  CHECK(holds(world.metrics.expose(),
              R"(carillon_scheduled_job_last_success_timestamp_seconds{scheduled_job="compliance-reminders"})"));
}

TEST_CASE("scheduled jobs: a run is asked for once at a time, and the leader takes it up with everybody") {
  ScheduleWorld world;
  world.add_client("acme", "", false);
  world.add_item("acme", "Gas", "2026-10-01", "PENDING_VERIFICATION");
  pg::ConnectionSettings settings = carillon::testing::settings_of(world.database);
  settings.role = role;
  pg::Pool pool(settings, 1);
  int looks = 0;
  ManageScheduledJobs manage(pool, world.bus(), world.clock, [&] { ++looks; });
  const auto run = manage.request_run("pending-verification-digest", {"api:ann", {}});
  REQUIRE(run);
  CHECK(run->outcome == run_requested);
  CHECK(manage.request_run("pending-verification-digest", {"api:ann", {}}).error().code == "SCHEDULED_JOB_RUNS");
  CHECK(looks == 1);
  world.instance().turn();
  CHECK(world.requests("PENDING_VERIFICATION_DIGEST").size() == 1);
  CHECK(manage.request_run("pending-verification-digest", {"api:ann", {}}));
  world.instance().turn();
  CHECK(world.requests("PENDING_VERIFICATION_DIGEST").size() == 1);  // told once a week, whoever asks
}

TEST_CASE("scheduled jobs: the month before in a digest and a report with its file, on the first, once") {
  ScheduleWorld world;
  world.go_to("2027-03-20T00:00:00Z");
  world.add_client("acme", "America/New_York", false);
  world.add_client("empty", "America/New_York", false);
  world.add_item("acme", "In force", "2027-09-01");
  world.add_item("acme", "Soon, \"very\"", "2027-04-20");
  world.add_item("acme", "Let go", "2027-03-10");
  world.add_item("acme", "Done", "2027-03-10", "RESOLVED");
  world.instance().turn();
  world.go_to("2027-04-01T12:59:59Z");
  world.instance().turn();
  CHECK(world.requests("MONTHLY_DIGEST").empty());
  world.clock.advance(1s);
  for (int times = 0; times < 3; ++times) {
    world.instance().turn();
    world.clock.advance(24h);
  }
  const auto digests = world.requests("MONTHLY_DIGEST");
  REQUIRE(digests.size() == 1);
  CHECK(digests[0].variables.text ==
        R"({"month":"March 2027","lines":[{"label":"Compliance items in force","value":2},)"
        R"({"label":"Expiring within 30 days","value":1},{"label":"Expired","value":1},)"
        R"({"label":"Waiting for verification","value":0},{"label":"Resolved in the month","value":1}]})");
  const auto reports = world.requests("SCHEDULED_REPORT");
  REQUIRE(reports.size() == 1);
  REQUIRE(reports[0].attachments.size() == 1);
  const auto files = attachments::load(world.owner, reports[0].attachments);
  REQUIRE(files.size() == 1);
  CHECK(files.begin()->second.bytes ==
        "name,expires_on,days_left,status\r\n\"Let go\",2027-03-10,-22,ACTIVE\r\n\"Done\",2027-03-10,-22,RESOLVED\r\n"
        "\"Soon, \"\"very\"\"\",2027-04-20,19,ACTIVE\r\n\"In force\",2027-09-01,153,ACTIVE\r\n");
  CHECK(world.text("SELECT file_name FROM attachments.files") == "compliance-2027-04-01.csv");
}

TEST_CASE("scheduled jobs: what waits for verification is told on Mondays, and to the admins once it waits too long") {
  ScheduleWorld world;
  world.go_to("2027-03-03T10:00:00Z");  // a Wednesday
  world.add_client("acme", "Asia/Kathmandu", false);
  world.add_item("acme", "Gas", "2027-09-01", "PENDING_VERIFICATION");
  world.add_item("acme", "Fire", "2027-03-10", "PENDING_VERIFICATION");
  world.instance().turn();
  for (int hour = 0; hour < 24 * 14; ++hour) {
    world.instance().turn();
    world.clock.advance(1h);
  }
  const auto digests = world.requests("PENDING_VERIFICATION_DIGEST");
  REQUIRE(digests.size() == 2);
  CHECK(to_rfc3339(*digests[0].accepted_at).starts_with("2027-03-08T04"));  // 9:00 there is 3:15
  CHECK(digests[0].variables.text == R"({"count":2,"items":[{"name":"Gas"},{"name":"Fire"}]})");
  const auto alerts = world.requests("COMPLIANCE_SLA_ALERT");
  REQUIRE(alerts.size() == 1);  // both breaches of both items come on the same day
  CHECK(to_rfc3339(*alerts[0].accepted_at).starts_with("2027-03-11T09"));
  CHECK(alerts[0].variables.text ==
        R"-({"client_name":"acme","item":"Gas (not verified), Fire, Fire (not verified)","due_at":"10 March 2027",)-"
        R"("overdue_by":"1 day"})");
}

TEST_CASE("scheduled jobs: a client that moves over the date line and back is told of each month and week once") {
  for (const bool somebody_lives_there : {true, false}) {
    ScheduleWorld world;
    world.go_to("2027-02-26T00:00:00Z");
    world.add_client("acme", west, false);
    if (somebody_lives_there) world.add_client("other", east, false);
    world.add_item("acme", "Gas", "2027-09-01", "PENDING_VERIFICATION");
    world.instance().turn();
    const auto told = [&] {
      return std::vector{world.requests("MONTHLY_DIGEST").size(), world.requests("SCHEDULED_REPORT").size(),
                         world.requests("PENDING_VERIFICATION_DIGEST").size()};
    };
    const std::vector<std::size_t> nothing{0, 0, 0}, once{1, 1, 1};
    world.go_to("2027-02-28T20:00:00Z");  // nine in the morning of the 28th in the west, of Monday the 1st in the east
    world.instance().turn();
    world.clock.advance(1h);
    world.instance().turn();
    CHECK(told() == nothing);
    world.move_client("acme", east);  // where the morning of the 1st is over
    world.instance().turn();
    CHECK(told() == once);
    world.move_client("acme", west);  // where it is still to come
    for (int hour = 0; hour < 72; ++hour) {
      world.instance().turn();
      world.clock.advance(1h);
    }
    CHECK(told() == once);
    CHECK(world.number("SELECT count(*) FROM provisioning.schedule_moves") == 0);
  }
}

TEST_CASE("scheduled jobs: the day that a client skips by moving is made up for, at once and once") {
  ScheduleWorld world;
  world.go_to("2027-02-28T21:00:00Z");
  world.add_client("acme", west, false);
  world.add_item("acme", "Gas", "2027-03-31");  // reminded of 30 days before, on the 1st
  world.instance().turn();
  world.go_to("2027-03-01T19:00:00Z");  // eight in the morning of the 1st
  world.instance().turn();
  CHECK(world.requests().empty());
  world.move_client("acme", east);  // eight in the morning of the 2nd
  for (int hour = 0; hour < 72; ++hour) {
    world.instance().turn();
    CHECK(world.requests("MONTHLY_DIGEST").size() == 1);
    CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == 1);
    world.clock.advance(1h);
  }
}

TEST_CASE("scheduled jobs: a time zone that nobody lived in for a while begins with its next moment") {
  ScheduleWorld world;
  world.go_to("2027-02-10T00:00:00Z");
  world.add_client("acme", east, false);
  world.instance().turn();
  world.move_client("acme", "");
  world.instance().turn();
  world.go_to("2027-03-20T00:00:00Z");
  world.add_client("beta", east, false);
  world.add_item("beta", "Gas", "2027-09-01");
  world.instance().turn();
  CHECK(world.requests("MONTHLY_DIGEST").empty());
  world.go_to("2027-03-31T20:00:00Z");
  world.instance().turn();
  CHECK(world.requests("MONTHLY_DIGEST").size() == 1);
}

TEST_CASE("reminders: that a mail named a date stays known when the item is removed, until it is long past") {
  ScheduleWorld world;
  world.go_to("2027-03-27T08:00:00Z");
  world.add_client("acme", "Europe/London", false);
  world.add_item("acme", "First", "2027-04-26");
  world.instance().turn();
  world.go_to("2027-03-27T09:00:00Z");
  world.instance().turn();
  CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == 1);
  world.owner.run("DELETE FROM provisioning.compliance_items");
  world.add_item("acme", "Again", "2027-04-26");
  world.go_to("2027-03-28T08:00:00Z");  // the next morning, but of a day of 23 hours: the pipe would take no mail
  world.instance().turn();
  CHECK(world.requests("COMPLIANCE_EXPIRY_REMINDER").size() == 1);
  world.go_to("2027-03-29T08:00:00Z");
  world.instance().turn();
  const auto mails = world.requests("COMPLIANCE_EXPIRY_REMINDER");
  REQUIRE(mails.size() == 2);
  CHECK(holds(mails[1].variables.text, "Again"));
  const auto known = [&] { return world.number("SELECT count(*) FROM provisioning.compliance_reminders"); };
  CHECK(known() == 2);
  world.clock.advance(reminders_kept_for);
  world.instance().turn();
  CHECK(known() == 1);
  world.clock.advance(1h);
  world.instance().turn();
  CHECK(known() == 0);
}
