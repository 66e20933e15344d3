// billing-ingest on a database of the test's own: real bus, real HTTP, a clock the test moves, and somebody who plays
// Stripe, both sending signed events and answering calls.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "billing-ingest/service.hpp"
#include "bus/postgres/postgres_bus.hpp"
#include "events/events.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "service/service.hpp"
#include "time/clock.hpp"
#include "unit/billing-ingest/stripe_events.hpp"

namespace carillon::billing::testing {

// Decisions follow the test's clock; what waits for steady time goes on by itself.
class DecisionClock final : public Clock {
 public:
  UtcTime now() const override { return from_unix_micros(micros_.load()); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{1'800'000'100'000'000};
};

BillingSettings test_settings();

// What the platform asked of Stripe.
struct StripeCall {
  std::string path, body;
  http::Fields headers;
};

class World {
 public:
  explicit World(BillingSettings settings = test_settings(), int instances = 1);
  ~World();

  // Tells the platform about a client, and waits until it is known.
  void add_client(const std::string& id, const std::string& email = "", const std::string& billing_email = "");
  void remove_client(const std::string& id);
  // A signed event, as Stripe sends it.
  http::Answer stripe(const std::string& event, int instance = 0);
  http::Answer stripe(const std::string& event, const std::string& signature, int instance = 0);
  std::string signature_of(const std::string& event) const;
  // `times` calls at once, spread over the instances; how many were answered with each status.
  std::map<int, int> at_once(int times, const std::string& event);
  http::Answer call(http::Method method, const std::string& path, const std::string& body = "",
                    http::Fields headers = {});
  http::Answer admin(http::Method method, const std::string& path);

  void wait_decided();  // until no event is PENDING and due
  bool wait(const std::function<bool()>& condition);
  std::string status_of(const std::string& event_id);
  std::string text(const std::string& sql) { return owner.run(sql)[0][0].c_str(); }
  std::int64_t number(const std::string& sql) { return owner.run(sql)[0][0].as<std::int64_t>(); }

  std::vector<events::SendRequest> mails(const std::string& template_key = "");
  std::vector<events::BillingEvent> told();  // of all clients, in order of their versions
  std::vector<events::AuditEvent> audits();
  std::size_t audited(const std::string& action);
  std::vector<bus::Received> published(const bus::Topic& topic);

  // Somebody signed in: the cookie's header and the CSRF token of their session.
  struct Person {
    std::string cookie, csrf;
  };
  Person sign_in(security::Role role, const std::string& client_id, const std::string& email);

  carillon::testing::TestDatabase database;
  DecisionClock clock;
  pg::Connection owner;
  http::Runtime io;
  http::Client client;
  std::string key;  // with the scope admin

  std::vector<StripeCall> stripe_calls();
  // To orders with keys that are new; others get the answer that their key got, as Stripe does it.
  void answer_as_stripe(int status, const std::string& body);
  void hold_stripe(bool held);  // Stripe takes calls and does not answer them
  const std::string& stripe_url() const { return stripe_url_; }

 private:
  http::Call prepared(http::Method method, const std::string& path, const std::string& body, http::Fields headers,
                      int instance) const;
  void start_stripe();
  void tell_of_client(const events::ClientState& state);
  security::Sealer sealer_;
  std::unique_ptr<bus::Bell> bell_;
  std::unique_ptr<pg::Pool> key_pool_;
  std::unique_ptr<security::ApiKeys> keys_;
  std::unique_ptr<security::Sessions> sessions_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::unique_ptr<bus::Bus> bus_;
  std::vector<std::unique_ptr<http::Server>> servers_;
  std::unique_ptr<http::Server> stripe_server_;
  std::string stripe_url_;
  std::int64_t client_version_ = 0;
  std::mutex stripe_mutex_;
  std::vector<StripeCall> stripe_calls_;                // guarded by stripe_mutex_
  http::Response stripe_answer_;                        // guarded by stripe_mutex_
  std::map<std::string, http::Response> kept_answers_;  // guarded by stripe_mutex_; by idempotency key
  bool stripe_held_ = false;                            // guarded by stripe_mutex_
  std::condition_variable stripe_let_go_;
};

inline constexpr long began = 1'800'000'000;
inline constexpr const char* stripe_path = "/api/webhooks/stripe";

}  // namespace carillon::billing::testing
