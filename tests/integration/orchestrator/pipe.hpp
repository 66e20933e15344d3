// The orchestrator on a database of the test's own: real bus, real HTTP, a manual clock, and everything it publishes
// collected for the test to wait on.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "events/events.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "orchestrator/service.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "service/service.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator::testing {

// Decisions follow the test's wall clock; leases and pauses, which go by steady time, go on by themselves.
class DecisionClock final : public Clock {
 public:
  UtcTime now() const override { return from_unix_micros(micros_.load()); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{1'790'000'000'000'000};
};

// What a topic has seen so far. Thread-safe.
class Collected {
 public:
  void add(const std::string& topic, const bus::Received& record);
  // Waits, 30 s at most, until `enough` says so; false when the time is over.
  bool wait(const std::function<bool()>& enough);
  // Waits until something new arrives or `limit` is over.
  void wait_for_news(std::chrono::milliseconds limit);
  std::vector<bus::Received> of(const bus::Topic& topic) const;
  std::vector<events::MessageEvent> messages() const;
  std::vector<events::AuditEvent> audits() const;
  std::vector<events::Dispatch> dispatches() const;
  std::size_t count(events::Status status) const;
  std::size_t count(const bus::Topic& topic) const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::vector<bus::Received>> records_;
  std::map<events::Status, std::size_t> statuses_;
  std::uint64_t news_ = 0;
};

struct PipeOptions {
  int instances = 1;
  OrchestratorSettings settings{
      {{"ops@example.com"}, {"ann@example.com", "bob@example.com"}, {"+447700900999"}}, 0, 0, 10'000, 256};
  bool provider_known = true;  // of e-mail and SMS
  bool slack_known = false;
  std::string payload_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
};

class Pipe {
 public:
  explicit Pipe(PipeOptions options = {});
  ~Pipe();

  // The first instance's HTTP interface.
  http::Answer post(const std::string& body, http::Fields headers = {});
  http::Call call(const std::string& body, http::Fields headers = {}) const;
  http::Answer get(const std::string& path);
  // With the given API key; "" = without one.
  http::Answer request(http::Method method, const std::string& path, const std::string& key, std::string body = {},
                       const std::string& content_type = "application/json");

  void publish(const bus::Topic& topic, std::vector<bus::Record> records);
  void publish(const events::ClientState& client);
  void publish_provider(events::Channel channel, bool enabled, bool configured);
  // A direct producer's record in binary mode.
  static bus::Record binary(const std::string& source, const std::string& id, const std::string& json,
                            const std::string& key = "k");

  testing::Collected seen;
  carillon::testing::TestDatabase database;
  DecisionClock clock;
  pg::Connection owner;
  http::Runtime io;
  http::Client client;
  std::string api_key, admin_key;  // of the owners shop and ops

  std::string url() const;
  std::int64_t number(const std::string& sql) { return owner.run(sql)[0][0].as<std::int64_t>(); }
  const security::Sealer& sealer() const { return sealer_; }
  service::Service& instance(int i = 0) { return *instances_.at(static_cast<std::size_t>(i)); }
  bool wait_ready();

 private:
  static void prepare(pg::Connection& owner);
  security::Sealer sealer_;
  std::unique_ptr<bus::Bell> bell_;
  std::unique_ptr<pg::Pool> key_pool_;
  std::unique_ptr<security::ApiKeys> keys_;
  std::unique_ptr<security::Sessions> sessions_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::unique_ptr<bus::Bus> bus_;
  std::vector<std::unique_ptr<bus::Broadcast>> watchers_;
  std::unique_ptr<http::Server> server_;
};

// A provisioned client with an active PRO subscription and both contacts.
events::ClientState good_client(const std::string& id, std::int64_t version = 1);

}  // namespace carillon::orchestrator::testing
