// A send request on its way through the pipe, read from a record or from the parked ones.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "bus/record.hpp"
#include "events/events.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

struct Incoming {
  events::SendRequest request;  // opened: recipient and variables in clear, `sealed` empty
  std::string sealed;           // as it came; "" = it came in clear
  std::string seal_context;     // the message id it was sealed with
  std::string traceparent;
  bool parked_before = false;                    // has waited for its client's state: decide now
  bool has_id = false;                           // HTTP has accepted it: its caller knows the message id
  std::optional<std::uint32_t> only_place = {};  // it has waited: which of the request's messages this one is
  std::optional<Failure> unreadable = {};        // it has waited, and its seal can't be opened any more
  bool was_sealed() const { return !sealed.empty(); }
};

// Reads a record of notification.send-requests.v1. Of our own records that say their message's id (HTTP, one-time
// codes) source and key are in the request; of other producers the source is ce_source, which can't be ours unless the
// record came from a service of this platform, and the key the request's or else ce_id. Failure: INVALID_CLOUD_EVENT,
// MALFORMED_JSON, INVALID_FIELD, SEAL_BROKEN, SEAL_KEY_UNKNOWN.
Result<Incoming> read_request(const bus::Received& received, const security::Sealer& sealer, UtcTime now);

// Opens `incoming.request.sealed` into the clear fields.
Result<Incoming> opened(Incoming incoming, const security::Sealer& sealer);

// Recipient and variables move into `sealed`.
void seal_content(events::SendRequest& request, const security::Sealer& sealer);

// The request as it may rest: sealed again where it came sealed.
std::string resting_json(const Incoming& incoming);

// SHA-256 of the canonical body, or its HMAC where the content is sensitive (six digits are quickly guessed from a
// hash).
std::string body_digest(const events::SendRequest& opened_request, bool sensitive, const security::Sealer& sealer);

}  // namespace carillon::orchestrator
