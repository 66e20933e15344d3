// billing-ingest on a database of the test's own: real bus, real HTTP, a clock the test moves, and somebody who plays
// Stripe, both sending signed events and answering calls.
#pragma once
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "billing-ingest/service.hpp"
#include "support/service_world.hpp"
#include "unit/billing-ingest/stripe_events.hpp"

namespace carillon::billing::testing {

BillingSettings test_settings();

// What the platform asked of Stripe.
struct StripeCall {
  std::string path, body;
  http::Fields headers;
};

class World : public carillon::testing::ServiceWorld {
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
  // As ServiceWorld::at_once; the same event each time.
  std::map<int, int> at_once(int times, const std::string& event);
  http::Answer call(http::Method method, const std::string& path, const std::string& body = "",
                    http::Fields headers = {});
  http::Answer admin(http::Method method, const std::string& path);

  void wait_decided();  // until no event is PENDING and due
  std::string status_of(const std::string& event_id);

  std::vector<events::SendRequest> mails(const std::string& template_key = "");
  std::vector<events::BillingEvent> told();  // of all clients, in order of their versions

  // Somebody signed in: the cookie's header and the CSRF token of their session.
  struct Person {
    std::string cookie, csrf;
  };
  Person sign_in(security::Role role, const std::string& client_id, const std::string& email);

  const std::string key;  // with the scope admin

  std::vector<StripeCall> stripe_calls();
  // To orders with keys that are new; others get the answer that their key got, as Stripe does it.
  void answer_as_stripe(int status, const std::string& body);
  void hold_stripe(bool held);  // Stripe takes calls and does not answer them
  const std::string& stripe_url() const { return stripe_url_; }

 private:
  void start_stripe();
  void tell_of_client(const events::ClientState& state);
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
