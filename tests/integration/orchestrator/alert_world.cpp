#include "integration/orchestrator/alert_world.hpp"

#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "pages/visitor.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator::testing {

PipeOptions AlertWorld::with_slack() {
  PipeOptions options;
  options.slack_known = true;
  return options;
}

AlertWorld::AlertWorld(PipeOptions options) : Pipe(std::move(options)) {
  metrics_key = security::create_api_key(owner, "books", {"metrics:write"}, clock.now());
  publish(good_client("acme"));
  REQUIRE(wait_ready());
  REQUIRE(seen.wait(
      [&] { return request(http::Method::GET, "/api/tenants/acme/notifications", admin_key).status == 200; }));
}

void AlertWorld::set_up(const std::string& email, const std::string& slack) {
  const auto answer =
      put("{\"email\":\"" + email + "\",\"slack_webhook_url\":\"" + slack + "\",\"alerts\":" + all_on + "}");
  REQUIRE(answer.status == 200);
}

http::Answer AlertWorld::put(const std::string& body, const std::string& tenant) {
  return request(http::Method::PUT, "/api/tenants/" + tenant + "/notifications", admin_key, body);
}

http::Answer AlertWorld::metrics(const std::string& body, const std::string& tenant) {
  return request(http::Method::POST, "/api/tenants/" + tenant + "/metrics", metrics_key, body);
}

void AlertWorld::measure(const std::string& body) {
  REQUIRE(metrics(body).status == 202);
  wait_decided();
}

void AlertWorld::deliver_twice(const std::string& metrics_json) {
  const bus::Record record{
      "acme",
      events::binary_headers("carillon.tenant-metrics.v1", "carillon/orchestrator", new_uuid(clock.now()), clock.now()),
      metrics_json};
  publish(bus::topics::tenant_alerts, {record});
  publish(bus::topics::tenant_alerts, {record});
  wait_decided();
}

// The consumer stands at the topic's end.
void AlertWorld::wait_handled() {
  REQUIRE(seen.wait([&] {
    return number(
               "SELECT count(*) FROM (SELECT partition, max(base_seq + record_count) AS next_seq "
               "FROM bus.tenant_alerts GROUP BY partition) t LEFT JOIN orchestrator.bus_offsets o "
               "ON o.topic = 'tenant.alerts.v1' AND o.partition = t.partition "
               "WHERE coalesce(o.next_seq, 0) < t.next_seq") == 0;
  }));
}

void AlertWorld::wait_decided() {
  wait_handled();
  REQUIRE(seen.wait(
      [&] { return number("SELECT count(*) FROM orchestrator.notification_log WHERE state = 'PENDING'") == 0; }));
}

Person AlertWorld::sign_in(security::Role role, const std::string& client_id) {
  const std::string email = "person" + std::to_string(++people_) + "@example.com";
  pg::Transaction tx(owner);
  const auto made = security::make_account(tx, email, role, client_id, clock.now());
  REQUIRE(made);
  const std::string token = security::begin_session(tx, made->account.id, security::SessionLimits{}, clock.now());
  tx.commit();
  const std::string session =
      owner.run("SELECT session_id FROM identity.sessions WHERE account_id = '" + made->account.id + "'")[0][0].c_str();
  return {made->account.id, std::string(pages::session_cookie_name) + "=" + token,
          security::csrf_token(sealer(), session, clock.now())};
}

http::Answer AlertWorld::as(const Person& person, http::Method method, const std::string& path, const std::string& body,
                            bool with_token, const std::string& content_type) {
  http::Call call;
  call.method = method;
  call.url = url() + path;
  call.headers = {{"Cookie", person.cookie}, {"Content-Type", content_type}};
  if (with_token) call.headers.emplace_back("X-CSRF-Token", person.csrf);
  call.body = body;
  return client.call_and_wait(std::move(call));
}

http::Answer AlertWorld::form(const Person& person, const std::string& path, const std::string& fields) {
  return as(person, http::Method::POST, path, fields, false, "application/x-www-form-urlencoded");
}

std::vector<LogRow> AlertWorld::log(const std::string& type) {
  std::vector<LogRow> rows;
  for (const auto& row : owner.run("SELECT message_id, channel, type, state, error_message, payload_json::text, sent "
                                   "FROM orchestrator.notification_log ORDER BY created_at, message_id")) {
    LogRow one{row[0].c_str(), row[1].c_str(), row[2].c_str(),   row[3].c_str(),
               row[4].c_str(), row[5].c_str(), row[6].as<bool>()};
    if (type.empty() || one.type == type) rows.push_back(std::move(one));
  }
  return rows;
}

std::vector<events::AuditEvent> AlertWorld::audits(const std::string& action, std::size_t count) {
  std::vector<events::AuditEvent> found;
  seen.wait([&] {
    found.clear();
    for (auto& audit : seen.audits())
      if (audit.action == action) found.push_back(audit);
    return found.size() >= count;
  });
  return found;
}

}  // namespace carillon::orchestrator::testing
