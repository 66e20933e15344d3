// The page /settings/notifications: an OWNER changes the tenant's alert settings and tries them, STAFF looks.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/edit_alerts.hpp"
#include "pages/page.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class AlertPages {
 public:
  AlertPages(service::Platform& platform, EditAlerts& alerts, const std::vector<std::string>& slack_hosts)
      : platform_(platform), alerts_(alerts), slack_hosts_(slack_hosts) {}
  void routes(http::Router& router);

 private:
  http::Response show(const http::Request& request);
  http::Response save(const http::Request& request);
  http::Response test(const http::Request& request);
  // `settings` may hold what was typed and not saved.
  http::Response page(const http::Request& request, const AlertSettings& settings, pages::Page page);

  service::Platform& platform_;
  EditAlerts& alerts_;
  const std::vector<std::string>& slack_hosts_;
};

}  // namespace carillon::orchestrator
