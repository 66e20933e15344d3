#include "provisioning/app/client_store.hpp"

#include "postgres/errors.hpp"
#include "provisioning/app/client_rows.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

std::optional<Client> only_one(const pqxx::result& rows) {
  return rows.empty() ? std::nullopt : std::optional{client_of(rows[0])};
}

}  // namespace

std::vector<Client> find_clients(pg::Transaction& tx, std::span<const std::string> ids, Lock lock) {
  pg::Array wanted;
  for (const std::string& id : ids) wanted.add(id);
  std::vector<Client> clients;
  for (const auto& row :
       tx.run(lock == Lock::NO ? provisioning_sql::find_clients : provisioning_sql::find_clients_locked,
              pg::Params().add(std::move(wanted))))
    clients.push_back(client_of(row));
  return clients;
}

std::optional<Client> find_client(pg::Transaction& tx, const std::string& id, Lock lock) {
  auto found = find_clients(tx, std::span(&id, 1), lock);
  return found.empty() ? std::nullopt : std::optional{std::move(found.front())};
}

std::optional<Client> find_client_by_owner_phone(pg::Transaction& tx, std::string_view owner_phone, Lock lock) {
  return only_one(tx.run(lock == Lock::NO ? provisioning_sql::find_client_by_owner_phone
                                          : provisioning_sql::find_client_by_owner_phone_locked,
                         pg::Params().add(owner_phone)));
}

std::optional<Client> find_client_by_twilio_number(pg::Transaction& tx, std::string_view twilio_number, Lock lock) {
  return only_one(tx.run(lock == Lock::NO ? provisioning_sql::find_client_by_twilio_number
                                          : provisioning_sql::find_client_by_twilio_number_locked,
                         pg::Params().add(twilio_number)));
}

bool insert_client(pg::Transaction& tx, bus::Outbox& out, Client& client, UtcTime now, std::string_view traceparent) {
  client.version = 1;
  client.created_at = client.updated_at = now;
  if (tx.run(provisioning_sql::insert_clients, columns_of(std::span(&client, 1))).empty()) return false;
  publish_state(out, client, now, traceparent);
  return true;
}

void update_clients(pg::Transaction& tx, bus::Outbox& out, std::span<Client> clients, UtcTime now,
                    std::string_view traceparent) {
  if (clients.empty()) return;
  for (Client& client : clients) {
    ++client.version;
    client.updated_at = now;
  }
  if (tx.run(provisioning_sql::update_clients, columns_of(clients)).affected_rows() != clients.size())
    throw pg::Conflict("a client has changed since it was read");
  for (const Client& client : clients) publish_state(out, client, now, traceparent);
}

void update_client(pg::Transaction& tx, bus::Outbox& out, Client& client, UtcTime now, std::string_view traceparent) {
  update_clients(tx, out, std::span(&client, 1), now, traceparent);
}

}  // namespace carillon::provisioning
