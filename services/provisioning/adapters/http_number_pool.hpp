// The number pool's routes for operators.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/manage_pool.hpp"

namespace carillon::provisioning {

void add_number_pool_routes(http::Router& router, ManagePool& pool, int warning_threshold, const http::Guard& guard);

}  // namespace carillon::provisioning
