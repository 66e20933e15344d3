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
#include "security/sessions.hpp"
#include "service/service.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning::testing {

inline constexpr const char* public_url = "https://bell.example.com";

// Decisions follow the test's clock; what waits for steady time goes on by itself.
class DecisionClock final : public Clock {
 public:
  UtcTime now() const override {
    const auto passed = runs_ ? std::chrono::steady_clock::now() - began_ : std::chrono::steady_clock::duration{};
    return from_unix_micros(micros_.load()) + std::chrono::floor<std::chrono::microseconds>(passed);
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }
  void run() { runs_ = true; }  // from now on time passes by itself too

 private:
  std::atomic<std::int64_t> micros_{1'790'000'000'000'000};
  std::atomic<bool> runs_{false};
  const SteadyTime began_ = std::chrono::steady_clock::now();
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

// A mail with a password link that was given to the pipe.
struct WelcomeMail {
  events::SendRequest request;
  std::string recipient, link;
};

// Some of the service running, each with a server of its own.
class World : public Tables {
 public:
  explicit World(ProvisioningSettings settings = {}, int instances = 1, std::string reached_at = public_url);
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
  // Puts events on billing.events.v1, as billing-ingest does.
  void bill(const std::vector<events::BillingEvent>& events);
  bool wait_ready();  // changes of clients are taken
  // Waits, 30 s at most, until `enough` says so.
  bool wait(const std::function<bool()>& enough);
  bool wait_longer(const std::function<bool()>& enough);  // 120 s: for what many do one after the other
  std::vector<WelcomeMail> mails();                       // asked for so far, oldest first
  const security::Sealer& sealer() const { return sealer_; }
  service::Service& service() { return *instances_.front(); }
  int instances() const { return static_cast<int>(instances_.size()); }
  std::string metrics(int instance = 0) { return registries_.at(static_cast<std::size_t>(instance))->expose(); }

  http::Runtime io;
  http::Client client;
  std::string key, other_key;  // with the scope admin; without it

 protected:
  service::Platform& platform(int i) { return *platforms_.at(static_cast<std::size_t>(i)); }

 private:
  bool wait_until(SteadyTime deadline, const std::function<bool()>& enough);
  security::Sealer sealer_;
  std::unique_ptr<pg::Pool> key_pool_;
  std::unique_ptr<security::ApiKeys> keys_;
  std::unique_ptr<security::Sessions> sessions_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

Client some_client(const std::string& id);
events::BillingEvent paid(const std::string& client_id, std::int64_t version = 1);

}  // namespace carillon::provisioning::testing
