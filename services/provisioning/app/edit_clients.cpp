#include "provisioning/app/edit_clients.hpp"

#include "postgres/errors.hpp"
#include "provisioning/app/client_rows.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/client_topic.hpp"
#include "provisioning/app/job_runs.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::string_view unique_violation = "23505";
constexpr std::string_view twilio_number_index = "clients_twilio_number";

Failure not_found() {
  return {"CLIENT_NOT_FOUND", "there is no client of that id"};
}

Failure exists() {
  return {"CLIENT_EXISTS", "client_id: there is a client of that id; PATCH or PUT changes it"};
}

Failure phone_taken() {
  return {"OWNER_PHONE_TAKEN", "owner_phone: belongs to another client, whose messages come from it"};
}

// Which of the two unique numbers it was, the index says that PostgreSQL names.
Failure number_taken(const pg::StatementError& error) {
  if (std::string_view(error.what()).find(twilio_number_index) == std::string_view::npos) return phone_taken();
  return {"TWILIO_NUMBER_TAKEN", "twilio_number: belongs to another client, whose messages and calls come to it"};
}

Failure other_version(std::int64_t version) {
  return {"VERSION_MISMATCH", "the client is at version " + std::to_string(version) + "; read it again"};
}

std::optional<Failure> refused_by(const Precondition& precondition, const std::optional<Client>& client) {
  const bool is_there = client && !client->deleted;
  if (precondition.must_be_new && is_there) return exists();
  if ((precondition.version || precondition.must_exist) && !is_there) return not_found();
  if (precondition.version && *precondition.version != client->version) return other_version(client->version);
  return std::nullopt;
}

template <class Value>
void add_or_null(pg::Params& params, const std::optional<Value>& value) {
  value ? params.add(*value) : params.add_null();
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ",") + std::string(word);
  return out;
}

}  // namespace

ClientPage EditClients::list(const ClientFilter& filter) {
  pg::Params params;
  params.add(filter.deleted);
  for (const auto* word : {&filter.plan, &filter.onboarding_status, &filter.subscription_status})
    add_or_null(params, *word);
  add_or_null(params, filter.payment_active);
  add_or_null(params, filter.email);
  if (filter.after) {
    params.add(filter.after->created_at).add(filter.after->id);
  } else {
    params.add_null().add_null();
  }
  params.add(filter.limit + 1);
  ClientPage page;
  auto connection = pool_.take();
  for (const auto& row : connection->run(provisioning_sql::list_clients, params))
    page.clients.push_back(client_of(row));
  if (page.clients.size() > static_cast<std::size_t>(filter.limit)) {
    page.clients.pop_back();
    page.next = PagePlace{page.clients.back().created_at, page.clients.back().id};
  }
  return page;
}

Result<Client> EditClients::view(const std::string& id, const Caller& caller) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  auto client = find_client(tx, id, Lock::NO);
  if (!client || client->deleted) return not_found();
  bus::Outbox out;
  audit(out, "CLIENT_VIEWED", *client, caller, clock_.now());
  commit(tx, out);
  return std::move(*client);
}

Result<EditedClient> EditClients::create(const std::string& body, const Caller& caller) {
  auto id = read_client_id(body);
  if (!id) return id.error();
  if (id->empty()) id = new_uuid(clock_.now());
  return change(*id, body, ChangeKind::REPLACE, {.must_be_new = true}, caller);
}

Result<EditedClient> EditClients::change(const std::string& id, const std::string& body, ChangeKind kind,
                                         const Precondition& precondition, const Caller& caller) {
  if (!is_client_id(id))
    return kind == ChangeKind::MERGE
               ? not_found()
               : Failure{"INVALID_FIELD", "client_id: may hold letters, digits and -_.: only, at most " +
                                              std::to_string(client_id_chars_max)};
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto client = find_client(tx, id, Lock::FOR_UPDATE);
  if (auto refused = refused_by(precondition, client)) return *refused;
  if (client && !(client->deleted && kind == ChangeKind::MERGE)) return edit(tx, *client, body, kind, caller);
  return kind == ChangeKind::REPLACE ? add(tx, id, body, precondition, caller) : not_found();
}

Result<EditedClient> EditClients::add(pg::Transaction& tx, const std::string& id, const std::string& body,
                                      const Precondition& precondition, const Caller& caller) {
  Client blank;
  blank.id = id;
  auto client =
      changed(blank, body, ChangeKind::REPLACE, [&](std::string_view name) { return time_zones_.knows(name, tx); });
  if (!client) return client.error();
  const UtcTime now = clock_.now();
  bus::Outbox out;
  if (!insert_client(tx, out, *client, now, caller.traceparent)) {
    const auto there = find_client(tx, id, Lock::FOR_UPDATE);  // made at the same moment, perhaps
    if (!there) return phone_taken();
    if (auto refused = refused_by(precondition, there)) return *refused;
    return edit(tx, *there, body, ChangeKind::REPLACE, caller);
  }
  audit(out, "CLIENT_CREATED", *client, caller, now);
  commit(tx, out);
  return EditedClient{std::move(*client), true};
}

Result<EditedClient> EditClients::edit(pg::Transaction& tx, const Client& client, const std::string& body,
                                       ChangeKind kind, const Caller& caller) {
  auto next = changed(client, body, kind, [&](std::string_view name) { return time_zones_.knows(name, tx); });
  if (!next) return next.error();
  next->deleted = false;
  if (client.deleted) next->twilio_number.clear();  // rows from before remove() did; upkeep gives it back
  const auto fields = changed_fields(client, *next);
  const UtcTime now = clock_.now();
  bus::Outbox out;
  if (fields.empty()) {  // the answer shows the client all the same
    audit(out, "CLIENT_VIEWED", client, caller, now);
    commit(tx, out);
    return EditedClient{std::move(*next), false};
  }
  if (!client.deleted && next->time_zone != client.time_zone) note_schedule_move(tx, client.id, client.time_zone);
  try {
    update_client(tx, out, *next, now, caller.traceparent);
  } catch (const pg::StatementError& error) {
    if (error.sqlstate == unique_violation) return number_taken(error);
    throw;
  }
  if (client.deleted)
    tx.run(provisioning_sql::open_accounts_of_client, pg::Params().add(client.id).add(client.updated_at));
  audit(out, client.deleted ? "CLIENT_CREATED" : "CLIENT_UPDATED", *next, caller, now, fields);
  commit(tx, out);
  return EditedClient{std::move(*next), client.deleted};
}

Result<Client> EditClients::remove(const std::string& id, const Precondition& precondition, const Caller& caller) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto client = find_client(tx, id, Lock::FOR_UPDATE);
  if (!client || client->deleted) return not_found();
  if (auto refused = refused_by(precondition, client)) return *refused;
  const UtcTime now = clock_.now();
  Client gone = without_facts(*client);
  gone.deleted = true;
  gone.payment_active = false;
  gone.twilio_number.clear();  // the pool knows whose it was
  gone.onboarding_state.clear();
  bus::Outbox out;
  update_client(tx, out, gone, now, caller.traceparent);
  tx.run(provisioning_sql::close_accounts_of_client, pg::Params().add(id).add(now));
  audit(out, "CLIENT_DELETED", gone, caller, now);
  commit(tx, out);
  return gone;
}

int EditClients::republish(const Caller& caller) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  const int published = republish_clients(*connection, bus_, now);
  bus::Outbox out;
  AuditFacts facts{"CLIENT_STATE_REPUBLISHED", caller.actor, "topic", "client.state.v1", {}, "OK"};
  facts.details["clients"] = std::to_string(published);
  publish_audit(out, std::move(facts), now, caller.traceparent);
  pg::Transaction tx(*connection);
  commit(tx, out);
  return published;
}

void EditClients::audit(bus::Outbox& out, const char* action, const Client& client, const Caller& caller, UtcTime now,
                        const std::vector<std::string_view>& fields) {
  AuditFacts facts{action, caller.actor, "client", client.id, client.id, "OK"};
  facts.details["version"] = std::to_string(client.version);
  if (!fields.empty()) facts.details["fields"] = joined(fields);
  publish_audit(out, std::move(facts), now, caller.traceparent);
}

void EditClients::commit(pg::Transaction& tx, bus::Outbox& out) {
  bus_.commit(out, tx);
  bus_.wake(out);
}

}  // namespace carillon::provisioning
