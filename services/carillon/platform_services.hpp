// All services of the platform: their factories, schemas, roles and topics. The one list that `serve`, `migrate` and
// the single-service programs share.
#pragma once
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "service/service.hpp"

namespace carillon {

// Every service in one process, the sandbox too where CARILLON_SANDBOX=true.
service::AppOptions whole_platform();

// Makes or updates every schema, role and grant. Needs the owner's connection; safe to run from several processes.
void migrate_platform(pg::Connection& owner);

}  // namespace carillon
