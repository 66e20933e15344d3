#include "orchestrator/app/edit_templates.hpp"

#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/template_rows.hpp"
#include "orchestrator_sql.hpp"
#include "service/log.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

Failure not_found() {
  return {"TEMPLATE_NOT_FOUND", "there is no such template; GET /api/admin/templates lists them"};
}

events::AuditEvent audit_of(std::string action, const std::string& key, const Editor& editor, UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = std::move(action);
  audit.actor = editor.actor;
  audit.subject_kind = "template";
  audit.subject_id = key;
  audit.outcome = "OK";
  return audit;
}

std::string locales_of(const std::vector<TemplateBody>& bodies) {
  std::string locales;
  for (const TemplateBody& body : bodies) locales += (locales.empty() ? "" : ",") + body.locale;
  return locales;
}

}  // namespace

struct EditTemplates::State {
  std::string key;
  bool active = false;
  int active_version = 0, newest = 0;
  std::string meta_json;
};

// Edits follow each other, those of other instances and seeding too.
std::optional<EditTemplates::State> EditTemplates::lock(pg::Transaction& tx, const std::string& key) {
  tx.run(orchestrator_sql::lock_templates);
  const auto rows = tx.run(orchestrator_sql::read_template_state, pg::Params().add(key));
  if (rows.empty()) return std::nullopt;
  return State{rows[0]["key"].as<std::string>(), rows[0]["active"].as<bool>(), rows[0]["active_version"].as<int>(),
               rows[0]["newest"].as<int>(), rows[0]["meta"].as<std::string>()};
}

Result<AddedVersion> EditTemplates::add_version(const std::string& key, const VersionOrder& order,
                                                const Editor& editor) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto state = lock(tx, key);
  if (!state) return not_found();
  const auto meta = read_template_meta(state->key, state->meta_json);
  if (!meta) return meta.error();
  AddedVersion added{0, find_draft_problems(*meta, order.bodies)};
  if (!added.problems.empty()) return added;
  if (order.based_on != state->newest)
    return Failure{"TEMPLATE_CHANGED", "based_on: version " + std::to_string(state->newest) +
                                           " is the newest by now; look at it and write yours over it"};
  if (order.from > state->newest)
    return Failure{"TEMPLATE_VERSION_NOT_FOUND", "from: the template has no version " + std::to_string(order.from)};
  if (state->newest >= template_versions_max)
    return Failure{"TEMPLATE_VERSIONS_FULL",
                   "the template has " + std::to_string(state->newest) + " versions, more are not kept"};
  added.version = state->newest + 1;
  const int written_over = order.from == 0 ? order.based_on : order.from;
  insert_version(tx, {state->key, added.version, {}, written_over, editor.actor, order.bodies}, now);
  tx.run(orchestrator_sql::bump_template_revision);
  events::AuditEvent audit = audit_of("TEMPLATE_VERSION_ADDED", state->key, editor, now);
  audit.details = {{"version", std::to_string(added.version)},
                   {"based_on", std::to_string(written_over)},
                   {"locales", locales_of(order.bodies)}};
  commit(tx, audit, now, editor);
  see_at_once(*connection);
  return added;
}

Result<Activation> EditTemplates::activate(const std::string& key, int version, std::optional<int> replaces,
                                           const Editor& editor) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto state = lock(tx, key);
  if (!state) return not_found();
  if (!tx.run(orchestrator_sql::has_template_version, pg::Params().add(state->key).add(version))[0][0].as<bool>())
    return Failure{"TEMPLATE_VERSION_NOT_FOUND", "version: the template has no version " + std::to_string(version)};
  if (replaces && *replaces != state->active_version)
    return Failure{"TEMPLATE_CHANGED", "replaces: version " + std::to_string(state->active_version) +
                                           " is active by now; look at it first"};
  tx.run(orchestrator_sql::activate_template_version,
         pg::Params().add(state->key).add(version).add(now).add(editor.actor));
  tx.run(orchestrator_sql::bump_template_revision);
  events::AuditEvent audit = audit_of("TEMPLATE_ACTIVATED", state->key, editor, now);
  if (version == state->active_version) audit.outcome = "UNCHANGED";
  audit.details = {{"version", std::to_string(version)}, {"replaced", std::to_string(state->active_version)}};
  commit(tx, audit, now, editor);
  see_at_once(*connection);
  return Activation{state->key, version, state->active_version};
}

Result<bool> EditTemplates::switch_active(const std::string& key, bool active, const Editor& editor) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto state = lock(tx, key);
  if (!state) return not_found();
  const bool changes = active != state->active;
  if (changes) {
    tx.run(orchestrator_sql::switch_template, pg::Params().add(state->key).add(active).add(now).add(editor.actor));
    tx.run(orchestrator_sql::bump_template_revision);
  }
  events::AuditEvent audit =
      audit_of(active ? "TEMPLATE_SWITCHED_ON" : "TEMPLATE_SWITCHED_OFF", state->key, editor, now);
  if (!changes) audit.outcome = "UNCHANGED";
  commit(tx, audit, now, editor);
  see_at_once(*connection);
  return changes;
}

void EditTemplates::commit(pg::Transaction& tx, const events::AuditEvent& audit, UtcTime now, const Editor& editor) {
  bus::Outbox out;
  publish(out, audit, now, editor.traceparent);
  bus_.flush(out, tx);
  tx.commit();
  bus_.wake(out);
}

// The change is made: where this fails, the next second's refresh sees it.
void EditTemplates::see_at_once(pg::Connection& connection) {
  try {
    store_.refresh(connection);
  } catch (const std::exception& error) {
    log::warn("TEMPLATES_NOT_REFRESHED", {{"error", error.what()}});
  }
}

}  // namespace carillon::orchestrator
