#include "orchestrator/app/send_by_hand.hpp"

#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/prepare_request.hpp"
#include "orchestrator/core/send_request.hpp"
#include "postgres/errors.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

// What gating would refuse for certain, said at once and with the field.
std::optional<Failure> certain_refusal(const events::SendRequest& request, const Template& entry, const Facts& facts) {
  const TemplateMeta& meta = entry.meta;
  const int number = request.template_version == 0 ? entry.active_version : request.template_version;
  const auto version = entry.versions.find(number);
  if (version == entry.versions.end())
    return Failure{"TEMPLATE_VERSION_NOT_FOUND", "version: the template has no version " + std::to_string(number)};
  const auto client = request.client_id.empty() ? nullptr : facts.clients.find(request.client_id);
  const RenderData data(request.variables, client.get());
  std::string missing;
  for (const std::string& name : meta.required_variables)
    if (!data.has(name)) missing += (missing.empty() ? "" : ", ") + name;
  if (!missing.empty()) return Failure{"VARIABLES_MISSING", "variables: this template needs " + missing};
  if (const CompiledBody* body = choose_body(version->second, request.locale)) {
    const auto rendered = body->render(data, meta.channel);
    if (!rendered) return rendered.error();
  }
  if (request.recipient.empty()) return std::nullopt;
  const Recipients recipients = resolve_recipients(request, meta, client.get(), facts.settings.staff, nullptr);
  if (recipients.refusal) return Failure{"INVALID_FIELD", recipients.refusal->detail};
  return std::nullopt;
}

}  // namespace

struct SendByHand::Draft {
  std::shared_ptr<const TemplateCatalog> catalog;
  const Template* entry = nullptr;  // of the catalog
  events::SendRequest request;
};

Result<SendByHand::Draft> SendByHand::draft_of(const HandMadeMessage& message, const Editor& editor, bool test) {
  Draft draft{facts_.templates.catalog(), nullptr, {}};
  draft.entry = draft.catalog ? draft.catalog->find(message.template_key) : nullptr;
  if (draft.entry && message.version != 0 && !draft.entry->versions.contains(message.version)) {
    facts_.templates.refresh(*pool_.take());
    draft.catalog = facts_.templates.catalog();
    draft.entry = draft.catalog->find(message.template_key);
  }
  const UtcTime now = clock_.now();
  events::SendRequest& r = draft.request;
  r.message_id = new_uuid(now);
  r.source = editor.actor;
  r.idempotency_key = message.idempotency_key.empty() ? "none:" + r.message_id : message.idempotency_key;
  r.template_key = message.template_key;
  r.template_version = message.version;
  r.client_id = message.client_id;
  r.recipient = message.recipient;
  if (message.variables) {
    r.variables = *message.variables;
  } else if (test && draft.entry) {
    r.variables.text = draft.entry->meta.sample_variables;
  }
  r.locale = message.locale;
  r.accepted_at = now;
  r.context = events::Context{editor.actor, message.reason};
  if (test) {
    r.metadata[test_send_mark] = "true";
    r.priority = events::Priority::NORMAL;
  }
  if (auto bad = find_invalid_field(r)) return *bad;
  if (!draft.entry)
    return Failure{"TEMPLATE_NOT_FOUND",
                   "template_key: there is no such template; GET /api/admin/templates lists them"};
  return draft;
}

Result<SendByHand::Draft> SendByHand::sendable(const HandMadeMessage& message, const Editor& editor) {
  auto draft = draft_of(message, editor, false);
  if (!draft) return draft.error();
  const TemplateMeta& meta = draft->entry->meta;
  if (meta.audience != events::Audience::CLIENT)
    return Failure{"TEMPLATE_NOT_FOR_CLIENTS", "template_key: this template is for our own staff"};
  if (!meta.active) return Failure{"TEMPLATE_INACTIVE", "template_key: this template is switched off"};
  if (message.client_id.empty() && meta.client_required)
    return Failure{"INVALID_FIELD", "client_id: is required by this template"};
  if (message.client_id.empty() && message.recipient.empty())
    return Failure{"INVALID_FIELD", "recipient: name one, or a client who has one"};
  if (auto refusal = certain_refusal(draft->request, *draft->entry, facts_)) return *refusal;
  return draft;
}

std::optional<Failure> SendByHand::find_refusal(const HandMadeMessage& message, const Editor& editor) {
  const auto draft = sendable(message, editor);
  if (draft) return std::nullopt;
  return draft.error();
}

Result<Accepted> SendByHand::send(const HandMadeMessage& message, const Editor& editor) {
  auto draft = sendable(message, editor);
  if (!draft) return draft.error();
  return store(std::move(*draft), message, editor, "ADMIN_MESSAGE_SENT");
}

Result<Accepted> SendByHand::test(const HandMadeMessage& message, const Editor& editor) {
  auto draft = draft_of(message, editor, true);
  if (!draft) return draft.error();
  if (draft->entry->meta.audience == events::Audience::CLIENT && message.recipient.empty())
    return Failure{"INVALID_FIELD", "recipient: is required"};
  if (auto refusal = certain_refusal(draft->request, *draft->entry, facts_)) return *refusal;
  return store(std::move(*draft), message, editor, "TEMPLATE_TEST_SENT");
}

Result<Accepted> SendByHand::store(Draft draft, const HandMadeMessage& message, const Editor& editor,
                                   const char* action) {
  const UtcTime now = *draft.request.accepted_at;
  auto pending = prepare_request(std::move(draft.request), *draft.catalog, facts_, now, editor.traceparent);
  if (!pending) return pending.error();
  const IdempotencyClaim& claim = pending->claim;
  const IdempotencyClaim* const claims[] = {&claim};
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  if (claim_keys(tx, claims, now).empty()) {
    const auto standing = find_keys(tx, claims, now).front();
    if (!standing) throw pg::Conflict("an idempotency key vanished");
    if (standing->body_hash != claim.body_hash)
      return Failure{"IDEMPOTENCY_KEY_REUSED", "idempotency_key: was used for another request body; use a new key"};
    return Accepted{standing->message_id, standing->message_count};
  }
  const TemplateMeta& meta = draft.entry->meta;
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = action;
  audit.actor = editor.actor;
  audit.subject_kind = "message";
  audit.subject_id = claim.message_id;
  audit.client_id = message.client_id;
  audit.outcome = "ACCEPTED";
  audit.details = {{"template_key", meta.key},
                   {"version", std::to_string(message.version == 0 ? draft.entry->active_version : message.version)},
                   {"channel", events::enum_name(meta.channel)}};
  bus::Outbox out;
  out.publish(bus::topics::send_requests, std::move(pending->record));
  publish(out, audit, now, editor.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return Accepted{claim.message_id, claim.message_count};
}

}  // namespace carillon::orchestrator
