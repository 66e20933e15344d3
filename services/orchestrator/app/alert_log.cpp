#include "orchestrator/app/alert_log.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

using events::Status;

// nullptr: not decided yet, or nothing new.
const char* state_of(Status status) {
  switch (status) {
    case Status::QUEUED:
    case Status::SENT:
      return "SENT";
    case Status::BLOCKED_PROVIDER_NOT_CONFIGURED:
      return "DRY_RUN";
    case Status::SCHEDULED:
    case Status::DEFERRED_THROTTLED:
      return nullptr;
    case Status::FAILED:
    case Status::EXPIRED:
    case Status::CANCELLED:
      return "FAILED";
    default:
      return "BLOCKED";
  }
}

bool is_alert(const std::string& template_key) {
  return template_key.starts_with(alert_template_prefix);
}

AlertLogEntry entry_of(const pqxx::row& row) {
  AlertLogEntry entry;
  entry.message_id = row["message_id"].as<std::string>();
  entry.channel = row["channel"].as<std::string>();
  entry.type = row["type"].as<std::string>();
  entry.payload_json = row["payload_json"].as<std::string>();
  entry.state = row["state"].as<std::string>();
  entry.sent = row["sent"].as<bool>();
  entry.error_message = row["error_message"].as<std::string>();
  entry.created_at = pg::to_utc(row["created_at"].as<std::string>());
  return entry;
}

}  // namespace

void add_alert_tries(const std::vector<AlertTry>& tries, pg::Transaction& tx, UtcTime now) {
  if (tries.empty()) return;
  pg::Array messages, tenants, channels, types, payloads;
  for (const AlertTry& one : tries) {
    messages.add(one.message_id);
    tenants.add(one.tenant_id);
    channels.add(events::enum_name(one.channel));
    types.add(kind_of(one.type).name);
    payloads.add(one.payload_json);
  }
  tx.run(orchestrator_sql::add_alert_log, pg::Params()
                                              .add(std::move(messages))
                                              .add(std::move(tenants))
                                              .add(std::move(channels))
                                              .add(std::move(types))
                                              .add(std::move(payloads))
                                              .add(now));
}

void AlertOutcomes::add(const events::MessageEvent& decided) {
  if (!is_alert(decided.template_key)) return;
  const char* state = state_of(decided.status);
  if (state == nullptr) return;
  const bool went = std::string_view(state) == "SENT";
  std::string error = went ? "" : std::string(events::enum_name(decided.status)) + ": " + decided.reason;
  if (!went && !decided.detail.empty()) error += ", " + decided.detail;
  add(decided.message_id, state, error, went ? decided.occurred_at : std::nullopt);
}

void AlertOutcomes::add(const events::Feedback& final_failure) {
  if (is_alert(final_failure.template_key))
    add(final_failure.message_id, "FAILED", "FAILED: " + final_failure.reason, std::nullopt);
}

void AlertOutcomes::add(const std::string& message_id, const char* state, const std::string& error,
                        const std::optional<UtcTime>& sent_at) {
  messages_.add(message_id);
  states_.add(state);
  errors_.add(error);
  times_.add(sent_at);
}

void AlertOutcomes::store(pg::Transaction& tx) {
  if (messages_.size() == 0) return;
  tx.run(orchestrator_sql::note_alert_outcomes,
         pg::Params().add(std::move(messages_)).add(std::move(states_)).add(std::move(errors_)).add(std::move(times_)));
}

AlertLogPage list_alert_log(pg::Connection& connection, const std::string& tenant_id, const AlertLogQuery& query) {
  pg::Params params;
  params.add(tenant_id);
  if (query.after) {
    params.add(query.after->created_at).add(query.after->message_id);
  } else {
    params.add_null().add_null();
  }
  params.add(query.limit + 1);
  AlertLogPage page;
  for (const auto& row : connection.run(orchestrator_sql::list_alert_log, params)) page.items.push_back(entry_of(row));
  if (page.items.size() > static_cast<std::size_t>(query.limit)) {
    page.items.pop_back();
    page.next = AlertLogPlace{page.items.back().created_at, page.items.back().message_id};
  }
  return page;
}

}  // namespace carillon::orchestrator
