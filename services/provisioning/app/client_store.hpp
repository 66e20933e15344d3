// The table of clients. Each change is published on client.state.v1 in the transaction that makes it, so that the topic
// and the table say the same, in the same order.
//
// One transaction, one thread. Throws pg::Unavailable, pg::Conflict or pg::StatementError.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bus/outbox.hpp"
#include "postgres/connection.hpp"
#include "provisioning/core/client.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

// FOR_UPDATE holds the rows until the transaction's end; whoever means to change a client takes it.
enum class Lock { NO, FOR_UPDATE };

// Deleted clients too; those there are, ordered by id (and locked in that order).
std::vector<Client> find_clients(pg::Transaction& tx, std::span<const std::string> ids, Lock lock);
std::optional<Client> find_client(pg::Transaction& tx, const std::string& id, Lock lock);
// Never a deleted one. The number is E.164 and not empty.
std::optional<Client> find_client_by_owner_phone(pg::Transaction& tx, std::string_view owner_phone, Lock lock);
std::optional<Client> find_client_by_twilio_number(pg::Transaction& tx, std::string_view twilio_number, Lock lock);

// Adds the client with version 1 and `now` as its times, and publishes it. False, with nothing changed: its id,
// owner_phone or twilio_number belongs to another row (of another transaction perhaps, which is waited for).
bool insert_client(pg::Transaction& tx, bus::Outbox& out, Client& client, UtcTime now,
                   std::string_view traceparent = {});

// Writes the clients with their version grown by one and `now` as updated_at, and publishes them; the arguments are
// brought up to date. They were read in this transaction FOR_UPDATE; pg::Conflict when a row has another version than
// was read. StatementError 23505: an owner_phone or twilio_number belongs to another client.
void update_clients(pg::Transaction& tx, bus::Outbox& out, std::span<Client> clients, UtcTime now,
                    std::string_view traceparent = {});
void update_client(pg::Transaction& tx, bus::Outbox& out, Client& client, UtcTime now,
                   std::string_view traceparent = {});

}  // namespace carillon::provisioning
