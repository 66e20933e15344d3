// POST /api/admin/clients/{id}/accounts {email, role}: an account for somebody of a client. With an API key of scope
// admin, or by an ADMIN.
#pragma once
#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/accounts.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

// Handlers block on the database.
void add_account_routes(http::Router& router, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                        const Accounts& accounts);

}  // namespace carillon::provisioning
