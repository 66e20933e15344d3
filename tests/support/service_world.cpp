#include "support/service_world.hpp"

#include <algorithm>
#include <future>

namespace carillon::testing {
namespace {

constexpr std::size_t records_max = 10'000;
constexpr std::chrono::milliseconds look_interval{20};
constexpr std::chrono::seconds stop_max{2};
constexpr std::chrono::hours retention{72};

}  // namespace

void prepare_service(pg::Connection& owner, const pg::Schema& own, std::span<const bus::Topic> written,
                     std::span<const bus::Topic> read) {
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, own);
  bus::grant_topics(owner, own.role, written, read);
  bus::maintain_bus(owner, retention);
}

ServiceTables::ServiceTables(const Tested& tested)
    : database(tested.kind, tested.prepare),
      clock(tested.begin_unix_micros),
      owner(settings_of(database)),
      role_(tested.role) {
  bell_ = std::make_unique<bus::Bell>(settings_of(database));
  bus_ = bus::make_postgres_bus({settings_of(database)}, *bell_, clock);
}

void ServiceTables::change(const std::function<void(pg::Transaction&, bus::Outbox&)>& work) {
  pg::ConnectionSettings settings = settings_of(database);
  settings.role = role_;
  pg::Connection connection(settings);
  pg::Transaction tx(connection);
  bus::Outbox out;
  work(tx, out);
  bus_->commit(out, tx);
  bus_->wake(out);
}

void ServiceTables::publish(bus::Outbox& out) {
  pg::Transaction tx(owner);
  bus_->commit(out, tx);
  bus_->wake(out);
}

std::vector<bus::Received> ServiceTables::published(const bus::Topic& topic) {
  std::vector<bus::Received> all;
  for (int partition = 0; partition < bus_->partitions(); ++partition) {
    auto records = bus_->peek(topic, partition, 0, records_max);
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

std::vector<events::AuditEvent> ServiceTables::audits() {
  auto all = events_of<events::AuditEvent>(bus::topics::audit);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.event_id < b.event_id; });
  return all;
}

std::size_t ServiceTables::audited(const std::string& action) {
  const auto all = audits();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& event) { return event.action == action; }));
}

bool ServiceTables::wait(const std::function<bool()>& enough, std::chrono::seconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::uint64_t rings = 0;
  while (!enough()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    rings = bell().wait_for_any(rings, look_interval);
  }
  return true;
}

ServiceWorld::ServiceWorld(const Tested& tested, const std::string& key)
    : ServiceTables(tested),
      client(io),
      sealer_(*security::Sealer::from_text(key)),
      key_pool_(settings_of(database), 2),
      keys_(key_pool_, clock),
      sessions_(key_pool_, clock, security::SessionLimits{}) {}

void ServiceWorld::start(int instances, const Make& make, const std::string& public_url) {
  for (int i = 0; i < instances; ++i) {
    registries_.push_back(std::make_unique<metrics::Registry>());
    platforms_.push_back(std::unique_ptr<service::Platform>(new service::Platform{
        clock, io, client, *registries_.back(), bell(), keys_, sessions_, sealer_, "test-" + std::to_string(i),
        database.url(), bus().partitions(), retention, nullptr, public_url}));
    instances_.push_back(make(*platforms_.back()));
    http::Router router;
    instances_.back()->routes(router);
    servers_.push_back(std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router)));
    instances_.back()->start();
  }
}

void ServiceWorld::stop() {
  for (auto& server : servers_) server->stop(stop_max);
  for (auto& one : instances_) one->stop();
}

std::string ServiceWorld::url(int instance) const {
  return "http://127.0.0.1:" + std::to_string(servers_.at(static_cast<std::size_t>(instance))->port());
}

http::Call ServiceWorld::prepared(http::Method method, const std::string& path, const std::string& body,
                                  http::Fields headers, int instance) const {
  http::Call call;
  call.method = method;
  call.url = url(instance) + path;
  call.headers = std::move(headers);
  if (!body.empty() && http::field(call.headers, "Content-Type").empty())
    call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  return call;
}

std::map<int, int> ServiceWorld::at_once(int times, const std::function<http::Call(int instance)>& call) {
  std::vector<std::promise<int>> statuses(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    client.call(call(i % instances()), [&status = statuses[static_cast<std::size_t>(i)]](http::Answer answer) {
      status.set_value(answer.status);
    });
  }
  std::map<int, int> counts;
  for (auto& status : statuses) ++counts[status.get_future().get()];
  return counts;
}

std::string ServiceWorld::new_api_key(const std::string& of, const std::string& scope) {
  return security::create_api_key(owner, of, {scope}, clock.now());
}

events::SealedContent ServiceWorld::opened(const events::SendRequest& request) const {
  const auto plain = sealer_.open(request.sealed, request.message_id);
  REQUIRE(plain);
  const auto content = events::from_json<events::SealedContent>(*plain);
  REQUIRE(content);
  return *content;
}

bool ServiceWorld::wait_ready() {
  return wait([this] {
    for (const auto& one : instances_)
      for (const auto& check : one->ready_checks())
        if (check.missing()) return false;
    return true;
  });
}

}  // namespace carillon::testing
