// /api/tenants/{id}/notifications: a tenant's alert settings, a test, and notification_log; for the tenant's own
// people, for an ADMIN and for API keys of the scope admin. Webhooks go out masked. Handlers block on the database.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/edit_alerts.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class HttpAlerts {
 public:
  // `slack_hosts`: whom webhooks may name. `ready`: clients and providers are known.
  HttpAlerts(service::Platform& platform, EditAlerts& alerts, const std::vector<std::string>& slack_hosts,
             std::function<bool()> ready)
      : platform_(platform), alerts_(alerts), slack_hosts_(slack_hosts), ready_(std::move(ready)) {}
  void routes(http::Router& router);

 private:
  http::Handler of_tenant(http::Response (HttpAlerts::*handler)(const http::Request&), const char* what);
  http::Response show(const http::Request& request);
  http::Response change(const http::Request& request);
  http::Response test(const http::Request& request);
  http::Response log(const http::Request& request);
  std::string settings_json(const AlertSettings& settings) const;

  service::Platform& platform_;
  EditAlerts& alerts_;
  const std::vector<std::string>& slack_hosts_;
  const std::function<bool()> ready_;
};

}  // namespace carillon::orchestrator
