// /admin/audit: who did what to what, and whether the chains still grow. For ADMIN. Blocks on the database.
#pragma once
#include "http/router.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

class AuditLogPage {
 public:
  AuditLogPage(service::Platform& platform, pg::Pool& pool) : platform_(platform), pool_(pool) {}
  void routes(http::Router& router);

 private:
  http::Response show(const http::Request& request);

  service::Platform& platform_;
  pg::Pool& pool_;
};

}  // namespace carillon::health
