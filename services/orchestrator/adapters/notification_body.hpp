// POST /api/notifications: from an HTTP request to a validated send request. No I/O.
#pragma once
#include <string>

#include "events/events.hpp"
#include "http/message.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

// Reads JSON and CloudEvents (structured and binary). Sets source "api:<owner>", the idempotency key (header, body
// field, CloudEvents id, else a random one, which protects nothing), a new message id and accepted_at = now.
// Failure UNSUPPORTED_MEDIA_TYPE, MALFORMED_JSON, INVALID_CLOUD_EVENT, INVALID_FIELD (detail "<field>: ...").
Result<events::SendRequest> read_notification(const http::Request& request, const std::string& key_owner, UtcTime now);

}  // namespace carillon::orchestrator
