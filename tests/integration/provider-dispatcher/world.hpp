// A database, any number of dispatchers on it in this process, and providers that do what the test says.
#pragma once
#include <catch2/catch.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "http/client.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"
#include "provider-dispatcher/dispatcher_service.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "time/testing/manual_clock.hpp"
#include "values/message_id.hpp"

namespace carillon::dispatcher::testing {

inline constexpr std::chrono::seconds wait_max{20};

struct ScriptedCall {
  OutboundMessage message;
  SteadyTime at{};
  std::function<void(Outcome)> done;  // set while the call is unanswered
};

// What one provider does, shared by the provider objects of all instances. Thread-safe.
class Script {
 public:
  using Answer = std::function<std::optional<Outcome>(const OutboundMessage&)>;  // nullopt: keep the call open
  explicit Script(std::string provider, events::Channel of = events::Channel::EMAIL)
      : name(std::move(provider)), channel(of) {}
  void answers(Answer answer);
  void always(Outcome outcome);
  void called(const OutboundMessage& message, std::function<void(Outcome)> done);
  bool wait_for_calls(std::size_t count, std::chrono::milliseconds wait = wait_max);
  std::vector<ScriptedCall> calls();
  std::size_t count() { return calls().size(); }
  void answer(std::size_t call, Outcome outcome);  // of a call that was kept open

  const std::string name;
  const events::Channel channel;
  double rate_per_second = 0;
  int concurrency = 8;
  bool configured = true;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Answer answer_;
  std::deque<ScriptedCall> calls_;
};
using ScriptPtr = std::shared_ptr<Script>;

Outcome accepted(const std::string& id = "id-1");
Outcome failed(OutcomeKind kind, Reason reason);

class World;

class Instance {
 public:
  Instance(World& world, const std::vector<ScriptPtr>& scripts, SpendSettings spend, ReceiptSettings receipts);
  ~Instance();
  DispatcherService& service() { return *service_; }
  http::Response get(const std::string& path, const std::string& key,
                     const std::map<std::string, std::string>& query = {});
  // Any request, to blocking and asynchronous routes alike. Target: path and query as sent.
  std::future<http::Response> begin(http::Method method, const std::string& target, const http::Fields& headers = {},
                                    const std::string& body = {});
  http::Response call(http::Method method, const std::string& target, const http::Fields& headers = {},
                      const std::string& body = {});  // waits for the answer
  std::string metrics() { return registry_.expose(); }

 private:
  http::Runtime io_;
  http::Client http_;
  metrics::Registry registry_;
  bus::Bell bell_;
  pg::Pool pool_;
  security::ApiKeys api_keys_;
  security::Sessions sessions_;
  service::Platform platform_;
  std::unique_ptr<DispatcherService> service_;
};

class World {
 public:
  explicit World(const Clock& of);
  World(const Clock& of, const std::vector<ScriptPtr>& scripts) : World(of) { start(scripts); }
  Instance& start(const std::vector<ScriptPtr>& scripts, SpendSettings spend = {}, ReceiptSettings receipts = {});
  void stop_all() { instances_.clear(); }

  events::Dispatch dispatch() const;  // an e-mail, NORMAL, HOLD
  void publish(const std::vector<events::Dispatch>& dispatches);
  void publish_text(const std::string& value);
  // Everything published so far, in the order of each key.
  std::vector<events::MessageEvent> log(const std::string& message_id = {});
  std::vector<events::AuditEvent> audits(const std::string& action);
  std::vector<events::Feedback> feedback();
  std::vector<events::SendRequest> send_requests();
  std::vector<events::ProviderState> provider_states(const std::string& provider);
  std::vector<events::Status> statuses(const std::string& message_id);
  bool until(const std::function<bool()>& done, std::chrono::milliseconds wait = wait_max);
  bool until_status(const std::string& message_id, events::Status status);
  std::int64_t number(const std::string& sql) { return owner_.run(sql)[0][0].as<std::int64_t>(); }
  std::string admin_key();  // a new one
  std::int64_t pending() { return number("SELECT count(*) FROM dispatcher.pending"); }

  pg::Connection& owner() { return owner_; }
  std::string url() const { return database_.url(); }
  pg::ConnectionSettings as_owner() const;
  pg::ConnectionSettings as_dispatcher() const;
  bus::Bus& bus() { return *bus_; }
  const Clock& clock;
  const security::Sealer sealer;

 private:
  template <class Event>
  std::vector<Event> read(const bus::Topic& topic);
  carillon::testing::TestDatabase database_;
  pg::Connection owner_;
  bus::Bell bell_;
  std::unique_ptr<bus::Bus> bus_;
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace carillon::dispatcher::testing
