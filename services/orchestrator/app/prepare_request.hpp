// What becomes of a well-formed send request before it is stored: its claim, and its record, sealed where it has to be.
#pragma once
#include <string_view>

#include "orchestrator/app/accept_requests.hpp"
#include "orchestrator/app/facts.hpp"

namespace carillon::orchestrator {

// Everything but `answer`. Failure REQUEST_TOO_LARGE: it is larger than a record of the bus may be.
Result<PendingRequest> prepare_request(events::SendRequest request, const TemplateCatalog& catalog, const Facts& facts,
                                       UtcTime now, std::string_view traceparent);

// {"message_ids": […], "message_id": …, "status": "ACCEPTED"}
std::string accepted_json(const std::string& message_id, std::int32_t message_count);

}  // namespace carillon::orchestrator
