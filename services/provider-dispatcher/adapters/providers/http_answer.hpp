// From an HTTP answer, or the want of one, to an Outcome: what all providers behind HTTP share. Pure.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.hpp"
#include "provider-dispatcher/core/outcome.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::seconds retry_after_read_max{86'400};

// Retry-After in seconds or as an HTTP date; nullopt when absent, malformed or past. At most retry_after_read_max.
std::optional<std::chrono::seconds> retry_after(const http::Fields& headers, UtcTime now);

// The outcome of a call that brought no answer: NOT_SENT is TRANSIENT, MAYBE_SENT is UNCONFIRMED.
Outcome outcome_without_answer(const http::Answer& answer);

// One provider's error table: status, headers and body of an answer to Outcome. Some providers put the id of a message
// or the kind of an error into a header.
using ErrorTable = Outcome (*)(int status, const http::Fields& headers, std::string_view body);

// The whole way: answer or none, table, Retry-After, latency, and a detail without secrets.
Outcome outcome_of(const http::Answer& answer, UtcTime now, ErrorTable table, const std::vector<std::string>& secrets);

// An outcome of a call that was never made because the recipient can't be written to.
Outcome recipient_not_usable(std::string_view why);

// For statuses that a provider's own table doesn't name: 401 and 403 are the account's, 429 a rate limit, 400, 413 and
// 422 the content's; the rest (redirects, 404, 5xx) may work later or elsewhere.
Outcome outcome_by_status(int status);

}  // namespace carillon::dispatcher
