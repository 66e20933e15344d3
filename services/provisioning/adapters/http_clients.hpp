// Routes of the client directory: /api/admin/clients, and client.state.v1 built again.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/edit_clients.hpp"

namespace carillon::provisioning {

// `guard` lets administrators through. `clients` outlives the router.
void add_client_routes(http::Router& router, EditClients& clients, const http::Guard& guard);

}  // namespace carillon::provisioning
