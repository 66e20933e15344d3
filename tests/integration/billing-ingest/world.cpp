#include "integration/billing-ingest/world.hpp"

#include <algorithm>

#include "events/cloud_events.hpp"
#include "pages/visitor.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"
#include "security/webhooks/stripe_signature.hpp"

namespace carillon::billing::testing {
namespace {

constexpr std::int64_t begin_unix_micros = 1'800'000'100'000'000;
constexpr std::chrono::milliseconds look_again{10};

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
  carillon::testing::prepare_service(owner, schema(), topics_written(), topics_read());
}

World::World(BillingSettings settings, int instances)
    : ServiceWorld({"billing-ingest", role, prepare, begin_unix_micros}), key(new_api_key("ops", "admin")) {
  start_stripe();
  settings.base_url = stripe_url_;
  start(instances, [&](service::Platform& platform) { return make_billing(settings, platform); });
}

World::~World() {
  hold_stripe(false);
  stop();
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
  publish(out);
  const std::string known = "carillon_billing_client_states_total " + std::to_string(client_version_);
  REQUIRE(wait([&] {
    for (int i = 0; i < instances(); ++i)
      if (metrics(i).find(known) == std::string::npos) return false;
    return true;
  }));
}

std::string World::signature_of(const std::string& event) const {
  const std::vector<std::string> secrets{"whsec_test"};
  return security::webhooks::sign_stripe(event, secrets, clock.now());
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
  return ServiceWorld::at_once(times, [&](int instance) {
    return prepared(http::Method::POST, stripe_path, event, {{"Stripe-Signature", signature_of(event)}}, instance);
  });
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

std::vector<events::SendRequest> World::mails(const std::string& template_key) {
  auto all = events_of<events::SendRequest>(bus::topics::send_requests);
  std::erase_if(all, [&](const auto& mail) { return !template_key.empty() && mail.template_key != template_key; });
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

World::Person World::sign_in(security::Role role, const std::string& client_id, const std::string& email) {
  pg::Transaction tx(owner);
  const auto made = security::make_account(tx, email, role, client_id, clock.now());
  REQUIRE(made);
  const std::string token = security::begin_session(tx, made->account.id, security::SessionLimits{}, clock.now());
  tx.commit();
  const auto session = sessions().find(token);
  REQUIRE(session);
  return {std::string(pages::session_cookie_name) + "=" + token,
          security::csrf_token(sealer(), session->id, clock.now())};
}

}  // namespace carillon::billing::testing
