// The otp service on a database of the test's own: real bus, real HTTP, a clock the test moves.
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "events/events.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "otp/service.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "service/service.hpp"
#include "time/clock.hpp"

namespace carillon::otp::testing {

// Decisions follow the test's clock; what waits for steady time goes on by itself.
class DecisionClock final : public Clock {
 public:
  UtcTime now() const override { return from_unix_micros(micros_.load()); }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_{1'790'000'000'000'000};
};

// A code that was given to the pipe.
struct Sent {
  events::SendRequest request;
  std::string recipient, code;
};

OtpSettings test_settings();  // answers at once

class World {
 public:
  explicit World(OtpSettings settings = test_settings(), int instances = 1);
  ~World();

  http::Answer post(const std::string& path, const std::string& body, http::Fields headers = {}, int instance = 0);
  http::Answer send(const std::string& number, const std::string& action = "PHONE_VERIFY", http::Fields headers = {});
  http::Answer verify(const std::string& number, const std::string& code, const std::string& action = "PHONE_VERIFY");
  // `times` calls at once, spread over the instances; how many were answered with each status.
  std::map<int, int> at_once(int times, const std::string& path, const std::string& body);

  std::vector<Sent> sent();                  // so far, oldest first
  std::string last_code();                   // of the newest
  std::vector<events::AuditEvent> audits();  // so far
  std::size_t audited(const std::string& action);
  std::string wrong_code();  // one that the newest is not
  std::int64_t number(const std::string& sql) { return owner.run(sql)[0][0].as<std::int64_t>(); }
  std::vector<bus::Received> published(const bus::Topic& topic);
  bus::Bus& bus() { return *bus_; }
  const security::Sealer& sealer() const { return sealer_; }
  service::Service& service() { return *instances_.front(); }

  carillon::testing::TestDatabase database;
  DecisionClock clock;
  pg::Connection owner;
  http::Runtime io;
  http::Client client;
  std::string key, other_key;  // with the scope otp; without it

 private:
  http::Call call(const std::string& path, const std::string& body, http::Fields headers, int instance) const;
  security::Sealer sealer_;
  std::unique_ptr<bus::Bell> bell_;
  std::unique_ptr<pg::Pool> key_pool_;
  std::unique_ptr<security::ApiKeys> keys_;
  std::unique_ptr<security::Sessions> sessions_;
  std::vector<std::unique_ptr<metrics::Registry>> registries_;
  std::vector<std::unique_ptr<service::Platform>> platforms_;
  std::vector<std::unique_ptr<service::Service>> instances_;
  std::unique_ptr<bus::Bus> bus_;
  std::vector<std::unique_ptr<http::Server>> servers_;
};

std::string send_body(const std::string& number, const std::string& action = "PHONE_VERIFY");
std::string verify_body(const std::string& number, const std::string& code, const std::string& action = "PHONE_VERIFY");

inline constexpr const char* ann = "+447700900789";
inline constexpr const char* bob = "+447700900456";
inline constexpr const char* send_path = "/api/otp/send";
inline constexpr const char* verify_path = "/api/otp/verify";

}  // namespace carillon::otp::testing
