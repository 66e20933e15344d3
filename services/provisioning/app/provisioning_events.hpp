// What provisioning publishes: the state of clients, and audit entries without personal data.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "provisioning/core/client.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

inline constexpr std::string_view event_source = "carillon/provisioning";

// Only for client_store and what rebuilds the topic: with the client's row locked, or a later version may come first.
void publish_state(bus::Outbox& out, const Client& client, UtcTime now, std::string_view traceparent = {});

// Recipients appear as references (security::Sealer::reference) only.
struct AuditFacts {
  std::string action;        // "CLIENT_CREATED" ...
  std::string actor;         // "api:<owner>", "admin:<account id>", or event_source
  std::string subject_kind;  // "client", "job", ...
  std::string subject_id;
  std::string client_id = {};
  std::string outcome = {};
  std::string reason = {};
  std::map<std::string, std::string> details = {};
};
void publish_audit(bus::Outbox& out, AuditFacts facts, UtcTime now, std::string_view traceparent = {});

}  // namespace carillon::provisioning
