#include "integration/provisioning/world.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "attachments/attachments.hpp"
#include "events/cloud_events.hpp"
#include "security/accounts.hpp"

namespace carillon::provisioning::testing {
namespace {

void prepare(pg::Connection& owner) {
  pg::migrate(owner, attachments::schema());
  carillon::testing::prepare_service(owner, schema(), topics_written(), topics_read());
  security::grant_identity_keeper(owner, role);
  attachments::grant_writer(owner, role);
}

}  // namespace

Tables::Tables() : ServiceTables({"provisioning", role, prepare}) {}

World::World(ProvisioningSettings settings, int instances, std::string reached_at)
    : ServiceWorld({"provisioning", role, prepare}),
      key(new_api_key("operator", "admin")),
      other_key(new_api_key("sender", "notifications:send")) {
  start(
      instances, [&](service::Platform& platform) { return make_provisioning(settings, platform); }, reached_at);
}

World::~World() {
  stop();
}

http::Answer World::call(http::Method method, const std::string& path, const std::string& body, http::Fields headers,
                         int instance) {
  if (http::field(headers, "Authorization").empty()) headers.emplace_back("Authorization", "Bearer " + key);
  return client.call_and_wait(prepared(method, path, body, std::move(headers), instance));
}

void World::bill(const std::vector<events::BillingEvent>& events) {
  bus::Outbox out;
  for (const events::BillingEvent& event : events)
    out.publish(bus::topics::billing_events,
                {event.client_id,
                 events::binary_headers("carillon.billing-event.v1", "carillon/billing", event.event_id, clock.now()),
                 events::to_json(event)});
  publish(out);
}

std::vector<WelcomeMail> World::mails() {
  std::vector<WelcomeMail> all;
  for (auto& request : events_of<events::SendRequest>(bus::topics::send_requests)) {
    if (request.sealed.empty()) continue;
    const events::SealedContent content = opened(request);
    rapidjson::Document variables;
    variables.Parse(content.variables.text.data(), content.variables.text.size());
    all.push_back({std::move(request), content.recipient, variables.MemberBegin()->value.GetString()});
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.request.message_id < b.request.message_id; });
  return all;
}

Client some_client(const std::string& id) {
  Client client;
  client.id = id;
  client.plan = "PRO";
  client.contacts.email = id + "@example.com";
  return client;
}

events::BillingEvent paid(const std::string& client_id, std::int64_t version) {
  events::BillingEvent event;
  event.client_id = client_id;
  event.version = version;
  event.kind = events::BillingKind::CHECKOUT_PAID;
  event.event_id = "evt_" + std::to_string(version);
  event.customer_id = "cus_1";
  event.subscription_id = "sub_1";
  event.plan = "PRO";
  event.subscription_status = "active";
  event.email = "ann@example.com";
  return event;
}

}  // namespace carillon::provisioning::testing
