// Compliance items and the jobs that come round with time, put together: use cases, routes, the thread that runs them.
#pragma once
#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/edit_compliance_items.hpp"
#include "provisioning/app/manage_scheduled_jobs.hpp"
#include "provisioning/app/run_scheduled_jobs.hpp"
#include "provisioning/app/send_reports.hpp"
#include "provisioning/client_desk.hpp"
#include "provisioning/schedule_settings.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

class ScheduleDesk {
 public:
  // All of it outlives the desk. `own_role`: of the connection it opens itself.
  ScheduleDesk(const ScheduleSettings& settings, pg::Pool& pool, bus::Bus& bus, service::Platform& platform,
               ClientDesk& clients, const std::string& own_role);
  void routes(http::Router& router);
  void start() { run_jobs_.start(); }
  void stop() { run_jobs_.stop(); }

 private:
  service::Platform& platform_;
  RunScheduledJobs run_jobs_;
  ManageScheduledJobs jobs_;
  EditComplianceItems items_;
  RequestReport request_report_;
};

}  // namespace carillon::provisioning
