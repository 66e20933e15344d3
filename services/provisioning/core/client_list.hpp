// Which clients a list shows. Pure.
#pragma once
#include "provisioning/core/list_query.hpp"

namespace carillon::provisioning {

struct ClientFilter {
  std::optional<std::string> plan, onboarding_status, subscription_status;
  std::optional<std::string> email;  // exactly this one, in any case
  std::optional<bool> payment_active;
  bool deleted = false;  // those that are gone, instead of those that are there
  std::optional<PagePlace> after;
  int limit = page_rows_default;
};

// From a query. Failure INVALID_FIELD, the detail begins with the parameter's name.
Result<ClientFilter> read_client_filter(const QueryFields& query);

}  // namespace carillon::provisioning
