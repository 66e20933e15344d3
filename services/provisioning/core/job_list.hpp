// Which provisioning jobs a list shows. Pure.
#pragma once
#include "provisioning/core/list_query.hpp"

namespace carillon::provisioning {

struct JobFilter {
  std::optional<std::string> status, client_id;
  std::optional<PagePlace> after;
  int limit = page_rows_default;
};

// From a query. Failure INVALID_FIELD, the detail begins with the parameter's name.
Result<JobFilter> read_job_filter(const QueryFields& query);

}  // namespace carillon::provisioning
