// What a process is made of: one Platform, some Services, one HTTP server. App starts them in order and stops them in
// reverse order.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "http/router.hpp"
#include "http/runtime.hpp"
#include "http/server.hpp"
#include "postgres/connection.hpp"
#include "service/metrics.hpp"
#include "service/settings.hpp"
#include "time/clock.hpp"

namespace carillon::bus {
class Bell;
struct KafkaSettings;
}  // namespace carillon::bus
namespace carillon::security {
class ApiKeys;
class Sealer;
class Sessions;
}  // namespace carillon::security

namespace carillon::service {

// What every service is given. Everything in it outlives the services.
struct Platform {
  const Clock& clock;
  http::Runtime& io;
  http::Client& http;
  metrics::Registry& metrics;
  bus::Bell& bell;
  security::ApiKeys& api_keys;
  security::Sessions& sessions;  // of people; who is behind a cookie
  const security::Sealer& sealer;
  std::string instance;  // unique name of this process
  std::string database_url;
  int bus_partitions;
  std::chrono::hours bus_retention;
  const bus::KafkaSettings* kafka = nullptr;  // null: the bus is in the database
  std::string public_url = {};  // CARILLON_PUBLIC_URL without a slash at its end; "": links to us can't be made
  bool sandbox = false;         // the providers are played, and pages say so
  // Connection settings with a service's role and a name for pg_stat_activity.
  pg::ConnectionSettings connection(const std::string& role, const std::string& purpose) const;
};

// One line of /readyz. `missing` says what is missing and how to mend it; nullopt = ready.
struct ReadyCheck {
  std::string name;
  std::function<std::optional<std::string>()> missing;
};

class Service {
 public:
  virtual ~Service() = default;
  virtual std::string name() const = 0;
  virtual void routes(http::Router& router) = 0;  // called once, before start
  virtual std::vector<ReadyCheck> ready_checks() = 0;
  virtual void start() = 0;  // throws std::runtime_error when it can't ever work; never waits for peers
  virtual void stop() = 0;   // finishes what runs, bounded
};

using ServiceFactory = std::function<std::unique_ptr<Service>(Settings&, Platform&)>;

// Guards for routes: Authorization: Bearer <API key> with the scope; 401 UNAUTHENTICATED, 403 FORBIDDEN (problem+json).
// After it the handler finds the key's owner in request.params["api_key_owner"] and "true" or "false" in
// params["api_key_admin"]. Blocks on a cache miss, so not for async routes: those use service/access.hpp.
http::Guard require_scope(Platform& platform, std::string scope);

// Reads the environment, builds platform and services, migrates when CARILLON_MIGRATE=true (default in the embedded
// process), serves until SIGTERM or SIGINT, stops in reverse order. Exit code: 0; 2 for bad settings (all listed); 1
// when it can't start or stop. A second signal ends the process at once. Link carillon_app.
struct AppOptions {
  std::string name;  // "carillon", "carillon-orchestrator", ...
  std::vector<ServiceFactory> services;
  std::function<void(pg::Connection& owner)>
      migrate;  // all schemas the process needs; idempotent, tried again after a lost connection
  // Reads every setting that the services will read, so that all errors are reported at once, before anything is made,
  // and the table of settings is complete: one [](Settings& s) { XSettings::read(s); } a service.
  std::vector<std::function<void(Settings&)>> declare = {};
  // Called when all services have started and the HTTP server listens on `port`.
  std::function<void(int port)> listening = {};
};
int run_app(const AppOptions& options);

// What run_app and the services of `options` read from the environment (service/setting_docs.hpp prints it).
std::vector<SettingDoc> collect_setting_docs(const AppOptions& options);

}  // namespace carillon::service
