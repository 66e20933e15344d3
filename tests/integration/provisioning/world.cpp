#include "integration/provisioning/world.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "events/cloud_events.hpp"
#include "security/accounts.hpp"

namespace carillon::provisioning::testing {
namespace {

constexpr int partitions = 4;
constexpr std::size_t records_max = 10'000;
constexpr std::chrono::seconds wait_limit{30};
constexpr std::chrono::seconds long_wait_limit{120};
constexpr std::chrono::milliseconds look_interval{20};
constexpr const char* payload_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

void prepare(pg::Connection& owner) {
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, attachments::schema());
  pg::migrate(owner, schema());
  security::grant_identity_keeper(owner, role);
  attachments::grant_writer(owner, role);
  bus::grant_topics(owner, role, topics_written(), topics_read());
  bus::maintain_bus(owner, std::chrono::hours(72));
}

}  // namespace

Tables::Tables() : database("provisioning", prepare), owner(carillon::testing::settings_of(database)) {
  bell_ = std::make_unique<bus::Bell>(carillon::testing::settings_of(database));
  bus_ = bus::make_postgres_bus({carillon::testing::settings_of(database)}, *bell_, clock);
}

void Tables::change(const std::function<void(pg::Transaction&, bus::Outbox&)>& work) {
  pg::ConnectionSettings settings = carillon::testing::settings_of(database);
  settings.role = role;
  pg::Connection connection(settings);
  pg::Transaction tx(connection);
  bus::Outbox out;
  work(tx, out);
  bus_->commit(out, tx);
  bus_->wake(out);
}

std::vector<bus::Received> Tables::published(const bus::Topic& topic) {
  std::vector<bus::Received> all;
  for (int partition = 0; partition < bus_->partitions(); ++partition) {
    auto records = bus_->peek(topic, partition, 0, records_max);
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

std::vector<events::ClientState> Tables::states() {
  std::vector<events::ClientState> all;
  for (const auto& received : published(bus::topics::client_state)) {
    auto state = events::from_json<events::ClientState>(received.record.value);
    REQUIRE(state);
    CHECK(received.record.key == state->client_id);
    all.push_back(std::move(*state));
  }
  return all;
}

std::vector<events::AuditEvent> Tables::audits() {
  std::vector<events::AuditEvent> all;
  for (const auto& received : published(bus::topics::audit)) {
    auto event = events::from_json<events::AuditEvent>(received.record.value);
    REQUIRE(event);
    all.push_back(std::move(*event));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.event_id < b.event_id; });
  return all;
}

std::size_t Tables::audited(const std::string& action) {
  const auto all = audits();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& event) { return event.action == action; }));
}

World::World(ProvisioningSettings settings, int instances, std::string reached_at)
    : client(io), sealer_(*security::Sealer::from_text(payload_key)) {
  key = security::create_api_key(owner, "operator", {"admin"}, clock.now());
  other_key = security::create_api_key(owner, "sender", {"notifications:send"}, clock.now());
  key_pool_ = std::make_unique<pg::Pool>(carillon::testing::settings_of(database), 2);
  keys_ = std::make_unique<security::ApiKeys>(*key_pool_, clock);
  sessions_ = std::make_unique<security::Sessions>(*key_pool_, clock, security::SessionLimits{});
  for (int i = 0; i < instances; ++i) {
    registries_.push_back(std::make_unique<metrics::Registry>());
    platforms_.push_back(std::unique_ptr<service::Platform>(new service::Platform{
        clock, io, client, *registries_.back(), bell(), *keys_, *sessions_, sealer_, "test-" + std::to_string(i),
        database.url(), partitions, std::chrono::hours(72), nullptr, reached_at}));
    instances_.push_back(make_provisioning(settings, *platforms_.back()));
    http::Router router;
    instances_.back()->routes(router);
    servers_.push_back(std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router)));
    instances_.back()->start();
  }
}

World::~World() {
  for (auto& server : servers_) server->stop(std::chrono::seconds(2));
  for (auto& one : instances_) one->stop();
}

http::Answer World::call(http::Method method, const std::string& path, const std::string& body, http::Fields headers,
                         int instance) {
  http::Call call;
  call.method = method;
  call.url = "http://127.0.0.1:" + std::to_string(servers_.at(static_cast<std::size_t>(instance))->port()) + path;
  call.headers = std::move(headers);
  if (http::field(call.headers, "Authorization").empty()) call.headers.emplace_back("Authorization", "Bearer " + key);
  if (!body.empty() && http::field(call.headers, "Content-Type").empty())
    call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  return client.call_and_wait(call);
}

void World::bill(const std::vector<events::BillingEvent>& events) {
  pg::Transaction tx(owner);
  bus::Outbox out;
  for (const events::BillingEvent& event : events)
    out.publish(bus::topics::billing_events,
                {event.client_id,
                 events::binary_headers("carillon.billing-event.v1", "carillon/billing", event.event_id, clock.now()),
                 events::to_json(event)});
  bus().commit(out, tx);
  bus().wake(out);
}

bool World::wait(const std::function<bool()>& enough) {
  return wait_until(std::chrono::steady_clock::now() + wait_limit, enough);
}

bool World::wait_ready() {
  return wait([this] {
    for (const auto& one : instances_)
      for (const auto& check : one->ready_checks())
        if (check.missing()) return false;
    return true;
  });
}

bool World::wait_longer(const std::function<bool()>& enough) {
  return wait_until(std::chrono::steady_clock::now() + long_wait_limit, enough);
}

bool World::wait_until(SteadyTime deadline, const std::function<bool()>& enough) {
  std::uint64_t rings = 0;
  while (!enough()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    rings = bell().wait_for_any(rings, look_interval);
  }
  return true;
}

std::vector<WelcomeMail> World::mails() {
  std::vector<WelcomeMail> all;
  for (const auto& received : published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    REQUIRE(request);
    if (request->sealed.empty()) continue;
    const auto plain = sealer_.open(request->sealed, request->message_id);
    REQUIRE(plain);
    const auto content = events::from_json<events::SealedContent>(*plain);
    REQUIRE(content);
    rapidjson::Document variables;
    variables.Parse(content->variables.text.data(), content->variables.text.size());
    all.push_back({std::move(*request), content->recipient, variables.MemberBegin()->value.GetString()});
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
