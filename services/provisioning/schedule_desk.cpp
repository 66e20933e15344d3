#include "provisioning/schedule_desk.hpp"

#include "pages/access.hpp"
#include "provisioning/adapters/http_compliance.hpp"
#include "provisioning/adapters/http_scheduled_jobs.hpp"

namespace carillon::provisioning {

using security::Role;

ScheduleDesk::ScheduleDesk(const ScheduleSettings& settings, pg::Pool& pool, bus::Bus& bus, service::Platform& platform,
                           ClientDesk& clients, const std::string& own_role)
    : platform_(platform),
      run_jobs_(platform.connection(own_role, "provisioning scheduled jobs"), bus, platform.clock, settings.rules,
                platform.metrics, [&clients] { return clients.settled(); }),
      jobs_(pool, bus, platform.clock, [this] { run_jobs_.look_now(); }),
      items_(pool, bus, platform.clock),
      request_report_(pool, bus, platform.clock) {}

void ScheduleDesk::routes(http::Router& router) {
  add_scheduled_job_routes(router, jobs_, pages::require_scope_or_session(platform_, "admin", {Role::ADMIN}));
  add_compliance_item_routes(router, items_,
                             pages::require_scope_or_session(platform_, "admin", {Role::ADMIN, Role::OWNER}));
  add_report_routes(router, request_report_, pages::require_session(platform_, {Role::OWNER}, pages::Refusal::API));
}

}  // namespace carillon::provisioning
