#include "provisioning/core/client_list.hpp"

#include "values/recipient.hpp"

namespace carillon::provisioning {

Result<ClientFilter> read_client_filter(const QueryFields& query) {
  if (auto failure = refuse_unknown(query, {"plan", "onboarding_status", "subscription_status", "payment_active",
                                            "email", "deleted", "limit", "cursor"}))
    return *failure;
  ClientFilter filter;
  std::optional<std::string> payment_active, deleted;
  std::optional<Failure> failure = read_word(query, "plan", {"SOLO", "PORTFOLIO", "PRO"}, filter.plan);
  if (!failure) failure = read_word(query, "onboarding_status", {"PENDING", "PROVISIONED"}, filter.onboarding_status);
  if (!failure)
    failure = read_word(
        query, "subscription_status",
        {"incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"},
        filter.subscription_status);
  if (!failure) failure = read_word(query, "payment_active", {"true", "false"}, payment_active);
  if (!failure) failure = read_word(query, "deleted", {"true", "false"}, deleted);
  if (!failure) failure = read_page(query, filter.limit, filter.after);
  if (failure) return *failure;
  if (payment_active) filter.payment_active = *payment_active == "true";
  filter.deleted = deleted == "true";
  if (const auto found = query.find("email"); found != query.end()) {
    auto email = parse_email(found->second);
    if (!email) return Failure{"INVALID_FIELD", "email: " + email.error().detail};
    filter.email = std::move(*email);
  }
  return filter;
}

}  // namespace carillon::provisioning
