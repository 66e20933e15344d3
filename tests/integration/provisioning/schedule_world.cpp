#include "integration/provisioning/schedule_world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "provisioning/app/edit_clients.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning::testing {

void ScheduleWorld::go_to(const char* time) {
  const UtcTime wanted = from_rfc3339(time).value();
  REQUIRE(wanted >= clock.now());
  clock.advance(wanted - clock.now());
}

void ScheduleWorld::add_client(const std::string& id, const std::string& time_zone, bool gets_sms) {
  Client client = some_client(id);
  client.time_zone = time_zone;
  client.sms_enabled = gets_sms;
  if (gets_sms) client.contacts.phone = "+447700900123";
  change([&](pg::Transaction& tx, bus::Outbox& out) { REQUIRE(insert_client(tx, out, client, clock.now())); });
}

void ScheduleWorld::move_client(const std::string& id, const std::string& time_zone) {
  pg::ConnectionSettings settings = carillon::testing::settings_of(database);
  settings.role = role;
  pg::Pool pool(settings, 1);
  EditClients clients(pool, bus(), clock);
  REQUIRE(clients.change(id, R"({"time_zone":")" + time_zone + "\"}", ChangeKind::MERGE, {}, {"api:ann", {}}));
}

void ScheduleWorld::add_many_clients(int count, const std::string& expires_on) {
  add_client("c0000", "", false);
  owner.run(
      "CREATE TEMP TABLE more AS SELECT * FROM provisioning.clients;"
      "INSERT INTO provisioning.clients SELECT (jsonb_populate_record(more, jsonb_build_object('id', "
      "'c' || lpad(n::text, 4, '0')))).* FROM more, generate_series(1, " +
      std::to_string(count - 1) +
      ") n;"
      "INSERT INTO provisioning.compliance_items SELECT gen_random_uuid(), id, 'Item', '" +
      expires_on + "', 'ACTIVE', '" + to_rfc3339(clock.now()) + "', '" + to_rfc3339(clock.now()) + "', '" +
      to_rfc3339(clock.now()) + "' FROM provisioning.clients; DROP TABLE more");
}

void ScheduleWorld::add_item(const std::string& client_id, const std::string& name, const std::string& expires_on,
                             const std::string& status) {
  const std::string now = to_rfc3339(clock.now());
  change([&](pg::Transaction& tx, bus::Outbox&) {
    tx.run("INSERT INTO provisioning.compliance_items VALUES ('" + new_uuid(clock.now()) + "', '" + client_id + "', '" +
           name + "', '" + expires_on + "', '" + status + "', '" + now + "', '" + now + "', '" + now + "')");
  });
}

RunScheduledJobs& ScheduleWorld::instance(int n) {
  auto& one = instances_[n];
  if (one) return *one;
  pg::ConnectionSettings settings = carillon::testing::settings_of(database);
  settings.role = role;
  settings.application_name = "jobs-" + std::to_string(n);
  one = std::make_unique<RunScheduledJobs>(std::move(settings), bus(), clock, ScheduleRules{}, metrics,
                                           [] { return true; });
  return *one;
}

std::vector<events::SendRequest> ScheduleWorld::requests(const std::string& template_key) {
  std::vector<events::SendRequest> all;
  for (const auto& received : published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    REQUIRE(request);
    if (template_key.empty() || request->template_key == template_key) all.push_back(std::move(*request));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.message_id < b.message_id; });
  return all;
}

}  // namespace carillon::provisioning::testing
