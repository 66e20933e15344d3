// /admin/number-pool: how many numbers there are, who waits for one, who got one; and adding numbers. For ADMIN. Blocks
// on the database.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/manage_pool.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

// `changing`: a guard around that of the page for requests that change the pool.
void add_number_pool_page(http::Router& router, service::Platform& platform, ManagePool& pool, int warning_threshold,
                          const std::function<http::Guard(http::Guard)>& changing);

}  // namespace carillon::provisioning
