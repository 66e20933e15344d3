// Who gets a message: the client's contacts, the recipient the request names, or our own staff. Pure.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

// A decision against sending: the status, a stable reason, and a text that names the field or setting to mend.
struct Refusal {
  events::Status status{};
  std::string reason;
  std::string detail;
};

// Where mail to our own people goes. Nothing else ever decides that (ORC-6).
struct StaffAddresses {
  std::vector<std::string> ops_emails;
  std::vector<std::string> admin_emails;
  std::vector<std::string> ops_phone_numbers;
};

struct Recipients {
  std::vector<std::string> addresses;  // normal form, without repetition
  std::optional<Refusal> refusal;      // set when there is none: BLOCKED_INVALID_REQUEST or BLOCKED_NO_RECIPIENT
};

// ADMIN and OPS templates go to the staff's addresses whatever the request says; OPS mail to OPS_ALERT_EMAIL, ADMIN
// mail to ADMIN_ALERT_EMAILS, each to the other where its own list is empty. `paired` is the template that
// meta.paired_with names: who gets that one is left out, so that a spike makes one mail per address. CLIENT templates
// go to the request's recipient where the template allows one, else to the client's contact; billing mail to its
// billing address first. A test (is_test_send) goes to the recipient it names whatever the template allows, but of
// ADMIN and OPS templates only where that is one of the staff's addresses.
Recipients resolve_recipients(const events::SendRequest& request, const TemplateMeta& meta,
                              const events::ClientState* client, const StaffAddresses& staff,
                              const TemplateMeta* paired);

// How many messages a request makes: what the answer to the caller lists. At least one.
std::size_t message_count(const TemplateMeta* meta, const StaffAddresses& staff, const TemplateMeta* paired);

}  // namespace carillon::orchestrator
