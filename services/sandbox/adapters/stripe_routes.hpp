// Stripe as Carillon and its clients meet it: the API below /v1, the page where one pays, the portal, and /stripe,
// which shows the account. On the loop's thread.
#pragma once
#include <optional>
#include <string>

#include "sandbox/adapters/http_session.hpp"
#include "sandbox/adapters/stripe_sender.hpp"
#include "sandbox/core/stripe_account.hpp"
#include "time/clock.hpp"

namespace carillon::sandbox {

class StripeRoutes {
 public:
  // Clock and sender must outlive it. `site`: where browsers reach it, without a trailing slash; "" = under the host
  // that a call names.
  StripeRoutes(const Clock& clock, StripeSender& sender, std::string run, std::string site)
      : clock_(clock), sender_(sender), site_(std::move(site)), account_(std::move(run)) {}

  // The API; nullopt: the request is for something else.
  std::optional<Answer> api(const HttpRequest& request);
  // /stripe/...: pages and their forms.
  std::optional<Answer> page(const HttpRequest& request);

 private:
  Answer create(const HttpRequest& request);
  Answer read(const HttpRequest& request) const;
  std::string checkout_page(const std::string& id, const std::string& error) const;
  std::string portal_page(const std::string& id, const std::string& note) const;
  std::string account_page() const;
  Answer pay(const std::string& id, const HttpRequest& request);
  Answer act(const std::string& portal, const HttpRequest& request);
  std::optional<Failure> act_on(const std::string& subscription, const std::string& action);
  void tell(const StripeAccount::Events& events);
  std::string events_json() const;

  const Clock& clock_;
  StripeSender& sender_;
  const std::string site_;
  StripeAccount account_;
};

}  // namespace carillon::sandbox
