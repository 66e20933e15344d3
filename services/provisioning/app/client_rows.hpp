// Rows of table clients as values, and the other way round.
#pragma once
#include <pqxx/pqxx>
#include <span>

#include "postgres/params.hpp"
#include "provisioning/core/client.hpp"

namespace carillon::provisioning {

Client client_of(const pqxx::row& row);  // of a query that selects every column
// One array a column, as insert_clients.sql and update_clients.sql want them.
pg::Params columns_of(std::span<Client> clients);

}  // namespace carillon::provisioning
