// Provisioning on a database of the test's own: real bus, real HTTP, a clock the test moves.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "events/events.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/service.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "service/service.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning::testing {

// Decisions follow the test's clock; what waits for steady time goes on by itself.
class DecisionClock final : public Clock {
 public:
  UtcTime now() const override { return from_unix_micros(micros_.load()); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{1'790'000'000'000'000};
};

// The schemas and the bus of the service, for what needs no running service.
class Tables {
 public:
  Tables();
  // In one transaction as the service's role, with what it publishes.
  void change(const std::function<void(pg::Transaction&, bus::Outbox&)>& work);
  std::vector<bus::Received> published(const bus::Topic& topic);
  std::vector<events::ClientState> states();  // of client.state.v1, in the order of each key
  std::vector<events::AuditEvent> audits();   // so far, oldest first
  std::size_t audited(const std::string& action);
  std::int64_t number(const std::string& sql) { return owner.run(sql)[0][0].as<std::int64_t>(); }
  std::string text(const std::string& sql) { return owner.run(sql)[0][0].c_str(); }
  bus::Bus& bus() { return *bus_; }
  bus::Bell& bell() { return *bell_; }

  carillon::testing::TestDatabase database;
  DecisionClock clock;
  pg::Connection owner;

 private:
  std::unique_ptr<bus::Bell> bell_;
  std::unique_ptr<bus::Bus> bus_;
};

// Some of the service running, each with a server of its own.
class World : public Tables {
 public:
  explicit World(ProvisioningSettings settings = {}, int instances = 1);
  ~World();

  http::Answer call(http::Method method, const std::string& path, const std::string& body = {},
                    http::Fields headers = {}, int instance = 0);
  http::Answer get(const std::string& path) { return call(http::Method::GET, path); }
  http::Answer post(const std::string& path, const std::string& body = {}) {
    return call(http::Method::POST, path, body);
  }
  http::Answer put(const std::string& path, const std::string& body, http::Fields headers = {}) {
    return call(http::Method::PUT, path, body, std::move(headers));
  }
  http::Answer patch(const std::string& path, const std::string& body, http::Fields headers = {}) {
    return call(http::Method::PATCH, path, body, std::move(headers));
  }
  // Puts an event on billing.events.v1, as billing-ingest does.
  void bill(const events::BillingEvent& event);
  const security::Sealer& sealer() const { return sealer_; }
  service::Service& service() { return *instances_.front(); }

  http::Runtime io;
  http::Client client;
  std::string key, other_key;  // with the scope admin; without it

 private:
  security::Sealer sealer_;
  std::unique_ptr<pg::Pool> key_pool_;
  std::unique_ptr<security::ApiKeys> keys_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

Client some_client(const std::string& id);

}  // namespace carillon::provisioning::testing
