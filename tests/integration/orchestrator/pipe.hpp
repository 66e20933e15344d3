// The orchestrator on a database of the test's own: real bus, real HTTP, a manual clock, and everything it publishes
// collected for the test to wait on.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "orchestrator/service.hpp"
#include "support/service_world.hpp"

namespace carillon::orchestrator::testing {

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
  // Topics come one by one: a message counts as QUEUED when its dispatch has come too.
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
  std::string payload_key = carillon::testing::payload_key;
};

class Pipe : public carillon::testing::ServiceWorld {
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
  const std::string api_key, admin_key;  // of the owners shop and ops

 private:
  std::vector<std::unique_ptr<bus::Broadcast>> watchers_;
};

// A provisioned client with an active PRO subscription and both contacts.
events::ClientState good_client(const std::string& id, std::int64_t version = 1);

}  // namespace carillon::orchestrator::testing
