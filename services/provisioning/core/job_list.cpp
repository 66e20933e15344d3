#include "provisioning/core/job_list.hpp"

#include "provisioning/core/client_change.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

Result<JobFilter> read_job_filter(const QueryFields& query) {
  if (auto failure = refuse_unknown(query, {"status", "client_id", "limit", "cursor"})) return *failure;
  JobFilter filter;
  auto failure = read_word(query, "status", {"RUNNING", "FAILED", "DONE", "CANCELLED"}, filter.status);
  if (!failure) failure = read_page(query, filter.limit, filter.after);
  if (failure) return *failure;
  if (filter.after && !is_uuid(filter.after->id))
    return Failure{"INVALID_FIELD", "cursor: is not one of this list; start again without it"};
  if (const auto found = query.find("client_id"); found != query.end()) {
    if (!is_client_id(found->second)) return Failure{"INVALID_FIELD", "client_id: must be a client's id"};
    filter.client_id = found->second;
  }
  return filter;
}

}  // namespace carillon::provisioning
