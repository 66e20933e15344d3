#include "integration/billing-ingest/world.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "events/cloud_events.hpp"
#include "pages/visitor.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"
#include "security/webhooks/stripe_signature.hpp"

namespace carillon::billing::testing {
namespace {

constexpr int partitions = 4;
constexpr std::size_t records_max = 10'000;
constexpr const char* payload_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr std::chrono::seconds wait_max{20};
constexpr std::chrono::milliseconds look_again{10};

pg::ConnectionSettings owner_settings(const std::string& url) {
  pg::ConnectionSettings settings;
  settings.url = url;
  return settings;
}

}  // namespace

BillingSettings test_settings() {
  BillingSettings settings;
  settings.webhook_secrets = {"whsec_test"};
  settings.secret_key = "sk_test_key";
  settings.prices.plan_of_price = {{"price_pro", "PRO"}, {"price_solo", "SOLO"}};
  settings.public_url = "https://carillon.example.com";
  settings.attempts_max = 3;
  settings.poll_interval = std::chrono::milliseconds{20};
  return settings;
}

static void prepare(pg::Connection& owner) {
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, schema());
  bus::grant_topics(owner, role, topics_written(), topics_read());
  bus::maintain_bus(owner, std::chrono::hours(72));
}

World::World(BillingSettings settings, int instances)
    : database("billing-ingest", prepare),
      owner(owner_settings(database.url())),
      client(io),
      sealer_(*security::Sealer::from_text(payload_key)) {
  key = security::create_api_key(owner, "ops", {"admin"}, clock.now());
  bell_ = std::make_unique<bus::Bell>(owner_settings(database.url()));
  key_pool_ = std::make_unique<pg::Pool>(owner_settings(database.url()), 2);
  keys_ = std::make_unique<security::ApiKeys>(*key_pool_, clock);
  sessions_ = std::make_unique<security::Sessions>(*key_pool_, clock, security::SessionLimits{});
  bus_ = bus::make_postgres_bus({owner_settings(database.url())}, *bell_, clock);
  start_stripe();
  settings.base_url = stripe_url_;
  for (int i = 0; i < instances; ++i) {
    registries_.push_back(std::make_unique<metrics::Registry>());
    platforms_.push_back(std::unique_ptr<service::Platform>(
        new service::Platform{clock, io, client, *registries_.back(), *bell_, *keys_, *sessions_, sealer_,
                              "test-" + std::to_string(i), database.url(), partitions, std::chrono::hours(72)}));
    instances_.push_back(make_billing(settings, *platforms_.back()));
    http::Router router;
    instances_.back()->routes(router);
    servers_.push_back(std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router)));
    instances_.back()->start();
  }
}

World::~World() {
  hold_stripe(false);
  for (auto& server : servers_) server->stop(std::chrono::seconds(2));
  for (auto& one : instances_) one->stop();
  stripe_server_->stop(std::chrono::seconds(2));
}

void World::start_stripe() {
  http::Router router;
  const auto take = [this](const http::Request& request) {
    std::unique_lock lock(stripe_mutex_);
    stripe_calls_.push_back({request.path, request.body, request.headers});
    stripe_let_go_.wait(lock, [this] { return !stripe_held_; });
    const auto [kept, is_new] =
        kept_answers_.try_emplace(std::string(http::field(request.headers, "Idempotency-Key")), stripe_answer_);
    http::Response answer = kept->second;
    if (!is_new) answer.headers.emplace_back("Idempotent-Replayed", "true");
    return answer;
  };
  router.add(http::Method::POST, "/v1/checkout/sessions", take);
  router.add(http::Method::POST, "/v1/billing_portal/sessions", take);
  stripe_server_ = std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router));
  stripe_url_ = "http://127.0.0.1:" + std::to_string(stripe_server_->port());
  answer_as_stripe(200, R"({"id":"cs_1","url":")" + stripe_url_ + R"(/pay/cs_1"})");
}

void World::answer_as_stripe(int status, const std::string& body) {
  const std::lock_guard lock(stripe_mutex_);
  stripe_answer_ = http::json(status, body);
}

void World::hold_stripe(bool held) {
  {
    const std::lock_guard lock(stripe_mutex_);
    stripe_held_ = held;
  }
  stripe_let_go_.notify_all();
}

std::vector<StripeCall> World::stripe_calls() {
  const std::lock_guard lock(stripe_mutex_);
  return stripe_calls_;
}

bool World::wait(const std::function<bool()>& condition) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto end = std::chrono::steady_clock::now() + wait_max;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    never.wait_for(lock, look_again);
  }
  return true;
}

void World::add_client(const std::string& id, const std::string& email, const std::string& billing_email) {
  events::ClientState state;
  state.client_id = id;
  state.contacts = events::Contacts{email, "", billing_email};
  tell_of_client(state);
}

void World::remove_client(const std::string& id) {
  events::ClientState state;
  state.client_id = id;
  state.deleted = true;
  tell_of_client(state);
}

void World::tell_of_client(const events::ClientState& told) {
  events::ClientState state = told;
  const std::string& id = state.client_id;
  state.version = ++client_version_;
  bus::Outbox out;
  out.publish(bus::topics::client_state, {id,
                                          events::binary_headers("carillon.client-state.v1", "test",
                                                                 id + std::to_string(client_version_), clock.now()),
                                          events::to_json(state)});
  pg::Transaction tx(owner);
  bus_->commit(out, tx);
  bus_->wake(out);
  const std::string known = "carillon_billing_client_states_total " + std::to_string(client_version_);
  REQUIRE(wait([&] {
    return std::all_of(registries_.begin(), registries_.end(),
                       [&](auto& registry) { return registry->expose().find(known) != std::string::npos; });
  }));
}

std::string World::signature_of(const std::string& event) const {
  const std::vector<std::string> secrets{"whsec_test"};
  return security::webhooks::sign_stripe(event, secrets, clock.now());
}

http::Call World::prepared(http::Method method, const std::string& path, const std::string& body, http::Fields headers,
                           int instance) const {
  http::Call call;
  call.method = method;
  call.url = "http://127.0.0.1:" + std::to_string(servers_.at(static_cast<std::size_t>(instance))->port()) + path;
  call.headers = std::move(headers);
  if (!body.empty() && http::field(call.headers, "Content-Type").empty())
    call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  return call;
}

http::Answer World::stripe(const std::string& event, int instance) {
  return stripe(event, signature_of(event), instance);
}

http::Answer World::stripe(const std::string& event, const std::string& signature, int instance) {
  http::Fields headers;
  if (!signature.empty()) headers.emplace_back("Stripe-Signature", signature);
  return client.call_and_wait(prepared(http::Method::POST, stripe_path, event, std::move(headers), instance));
}

std::map<int, int> World::at_once(int times, const std::string& event) {
  std::vector<std::promise<int>> statuses(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    client.call(
        prepared(http::Method::POST, stripe_path, event, {{"Stripe-Signature", signature_of(event)}},
                 i % static_cast<int>(servers_.size())),
        [&status = statuses[static_cast<std::size_t>(i)]](http::Answer answer) { status.set_value(answer.status); });
  }
  std::map<int, int> counts;
  for (auto& status : statuses) ++counts[status.get_future().get()];
  return counts;
}

http::Answer World::call(http::Method method, const std::string& path, const std::string& body, http::Fields headers) {
  return client.call_and_wait(prepared(method, path, body, std::move(headers), 0));
}

http::Answer World::admin(http::Method method, const std::string& path) {
  return call(method, path, "", {{"Authorization", "Bearer " + key}});
}

void World::wait_decided() {
  // What waits for its time waits by the test's clock.
  REQUIRE(wait([this] {
    clock.advance(look_again);
    return number("SELECT count(*) FROM billing.billing_events WHERE status = 'PENDING'") == 0;
  }));
}

std::string World::status_of(const std::string& event_id) {
  return text("SELECT status FROM billing.billing_events WHERE event_id = '" + event_id + "'");
}

std::vector<bus::Received> World::published(const bus::Topic& topic) {
  std::vector<bus::Received> all;
  for (int partition = 0; partition < bus_->partitions(); ++partition) {
    auto records = bus_->peek(topic, partition, 0, records_max);
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

std::vector<events::SendRequest> World::mails(const std::string& template_key) {
  std::vector<events::SendRequest> all;
  for (const auto& received : published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    REQUIRE(request);
    if (template_key.empty() || request->template_key == template_key) all.push_back(std::move(*request));
  }
  return all;
}

std::vector<events::BillingEvent> World::told() {
  std::vector<events::BillingEvent> all;
  for (const auto& received : published(bus::topics::billing_events)) {
    auto event = events::from_json<events::BillingEvent>(received.record.value);
    REQUIRE(event);
    CHECK(received.record.key == event->client_id);
    all.push_back(std::move(*event));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair(a.client_id, a.version) < std::pair(b.client_id, b.version);
  });
  return all;
}

std::vector<events::AuditEvent> World::audits() {
  std::vector<events::AuditEvent> all;
  for (const auto& received : published(bus::topics::audit)) {
    auto event = events::from_json<events::AuditEvent>(received.record.value);
    REQUIRE(event);
    all.push_back(std::move(*event));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.event_id < b.event_id; });
  return all;
}

std::size_t World::audited(const std::string& action) {
  const auto all = audits();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& event) { return event.action == action; }));
}

World::Person World::sign_in(security::Role role, const std::string& client_id, const std::string& email) {
  pg::Transaction tx(owner);
  const auto made = security::make_account(tx, email, role, client_id, clock.now());
  REQUIRE(made);
  const std::string token = security::begin_session(tx, made->account.id, security::SessionLimits{}, clock.now());
  tx.commit();
  const auto session = sessions_->find(token);
  REQUIRE(session);
  return {std::string(pages::session_cookie_name) + "=" + token,
          security::csrf_token(sealer_, session->id, clock.now())};
}

}  // namespace carillon::billing::testing
