#include "provisioning/client_desk.hpp"

#include "pages/access.hpp"
#include "provisioning/adapters/http_clients.hpp"
#include "provisioning/adapters/http_jobs.hpp"

namespace carillon::provisioning {
namespace {

bus::ConsumerSettings billing_consumer() {
  bus::ConsumerSettings settings;
  settings.group = "provisioning";
  settings.topic = bus::topics::billing_events;
  settings.offsets_schema = "provisioning";
  return settings;
}

}  // namespace

ClientDesk::ClientDesk(int step_attempts_max, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                       const Accounts& accounts, const std::string& own_role)
    : platform_(platform),
      topic_(platform.connection(own_role, "provisioning topic"), bus, platform.clock),
      run_jobs_(platform.connection(own_role, "provisioning jobs"), bus, platform.clock, accounts, step_attempts_max,
                platform.metrics, [this] { topic_.settle(); }),
      clients_(pool, bus, platform.clock),
      jobs_(pool, bus, platform.clock, [this] { run_jobs_.look_now(); }),
      resend_(pool, bus, platform.clock, accounts),
      billing_(
          platform.clock, platform.metrics, [this] { return topic_.settled(); }, [this] { run_jobs_.look_now(); }),
      billing_consumer_(bus.consume(billing_consumer(), billing_)) {}

void ClientDesk::routes(http::Router& router) {
  const http::Guard guard =
      changes_when_settled(pages::require_scope_or_session(platform_, "admin", {security::Role::ADMIN}));
  add_client_routes(router, clients_, guard);
  add_job_routes(router, jobs_, resend_, guard);
}

service::ReadyCheck ClientDesk::ready_check() {
  return {"provisioning.clients", [this]() -> std::optional<std::string> {
            if (topic_.settled()) return std::nullopt;
            return "the clients' table and client.state.v1 are still being compared";
          }};
}

void ClientDesk::start() {
  run_jobs_.start();
  billing_consumer_->start();
}

void ClientDesk::stop() {
  billing_consumer_->stop();
  run_jobs_.stop();
}

// What changes a client while its last version isn't known would be older than what others have.
http::Guard ClientDesk::changes_when_settled(http::Guard guard) {
  return [this, guard = std::move(guard)](http::Request& request) -> std::optional<http::Response> {
    if (auto refused = guard(request)) return refused;
    if (request.method == http::Method::GET || topic_.settled()) return std::nullopt;
    http::Response busy = http::problem(503, "PROVISIONING_NOT_READY", "clients can't be changed yet; try again");
    busy.headers.emplace_back("Retry-After", "1");
    return busy;
  };
}

}  // namespace carillon::provisioning
