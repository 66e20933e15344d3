// One service on a database of the test's own: real bus, real HTTP, a clock that the test moves.
#pragma once
#include <catch2/catch.hpp>
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
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "service/service.hpp"
#include "support/decision_clock.hpp"

namespace carillon::testing {

inline constexpr const char* payload_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

// The schemas of bus and identity and the service's own; who may write which topic, and the bus's tables of these days.
void prepare_service(pg::Connection& owner, const pg::Schema& own, std::span<const bus::Topic> written,
                     std::span<const bus::Topic> read);

// Which service; `kind` and `prepare` as TestDatabase takes them.
struct Tested {
  std::string kind, role;
  std::function<void(pg::Connection& owner)> prepare;
  std::int64_t begin_unix_micros = 1'790'000'000'000'000;
};

// Tables and bus of a service, for what needs no running one.
class ServiceTables {
 public:
  explicit ServiceTables(const Tested& tested);

  std::int64_t number(const std::string& sql) { return owner.run(sql)[0][0].as<std::int64_t>(); }
  std::string text(const std::string& sql) { return owner.run(sql)[0][0].c_str(); }
  bus::Bus& bus() { return *bus_; }
  bus::Bell& bell() { return *bell_; }

  // In one transaction as the service's role, with what it publishes.
  void change(const std::function<void(pg::Transaction&, bus::Outbox&)>& work);
  void publish(bus::Outbox& out);                                 // what other services do
  std::vector<bus::Received> published(const bus::Topic& topic);  // so far, in the order of each key
  template <class Event>
  std::vector<Event> events_of(const bus::Topic& topic) {
    std::vector<Event> all;
    for (const auto& received : published(topic)) {
      auto event = events::from_json<Event>(received.record.value);
      REQUIRE(event);
      all.push_back(std::move(*event));
    }
    return all;
  }
  std::vector<events::ClientState> states() { return events_of<events::ClientState>(bus::topics::client_state); }
  std::vector<events::AuditEvent> audits();  // so far, oldest first
  std::size_t audited(const std::string& action);

  // Waits until `enough` says so; false when the time is over. Looks again whenever something may have been committed.
  bool wait(const std::function<bool()>& enough, std::chrono::seconds limit = std::chrono::seconds{30});

  TestDatabase database;
  DecisionClock clock;
  pg::Connection owner;

 private:
  const std::string role_;
  std::unique_ptr<bus::Bell> bell_;
  std::unique_ptr<bus::Bus> bus_;
};

// Some instances of the service, each with a server of its own.
class ServiceWorld : public ServiceTables {
 public:
  using Make = std::function<std::unique_ptr<service::Service>(service::Platform& platform)>;

  explicit ServiceWorld(const Tested& tested, const std::string& key = payload_key);

  http::Call prepared(http::Method method, const std::string& path, const std::string& body = {},
                      http::Fields headers = {}, int instance = 0) const;
  std::string url(int instance = 0) const;
  // `times` calls at once, spread over the instances; how many were answered with each status.
  std::map<int, int> at_once(int times, const std::function<http::Call(int instance)>& call);
  std::string new_api_key(const std::string& of, const std::string& scope);
  // What the service has sealed of a request's recipient and variables.
  events::SealedContent opened(const events::SendRequest& request) const;

  bool wait_ready();
  int instances() const { return static_cast<int>(instances_.size()); }
  service::Service& service(int instance = 0) { return *instances_.at(static_cast<std::size_t>(instance)); }
  std::string metrics(int instance = 0) { return registries_.at(static_cast<std::size_t>(instance))->expose(); }
  const security::Sealer& sealer() const { return sealer_; }
  security::Sessions& sessions() { return sessions_; }

  http::Runtime io;
  http::Client client;

 protected:
  // Of whoever derives: start() at the end of the constructor, stop() at the beginning of the destructor.
  void start(int instances, const Make& make, const std::string& public_url = {});
  void stop();
  service::Platform& platform(int instance = 0) { return *platforms_.at(static_cast<std::size_t>(instance)); }

 private:
  const security::Sealer sealer_;
  pg::Pool key_pool_;
  security::ApiKeys keys_;
  security::Sessions sessions_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

}  // namespace carillon::testing
