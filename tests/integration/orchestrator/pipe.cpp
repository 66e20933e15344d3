#include "integration/orchestrator/pipe.hpp"

#include <algorithm>

#include "attachments/attachments.hpp"
#include "events/cloud_events.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator::testing {
namespace {

constexpr std::chrono::seconds wait_limit{30};

template <class Event>
std::vector<Event> read_all(const std::vector<bus::Received>& records) {
  std::vector<Event> events;
  for (const auto& record : records) {
    auto event = events::from_json<Event>(record.record.value);
    if (event) events.push_back(std::move(*event));
  }
  return events;
}

}  // namespace

void Collected::add(const std::string& topic, const bus::Received& record) {
  {
    const std::lock_guard lock(mutex_);
    records_[topic].push_back(record);
    if (topic == bus::topics::message_log.name) {
      const auto event = events::from_json<events::MessageEvent>(record.record.value);
      if (event) ++statuses_[event->status];
    }
    ++news_;
  }
  changed_.notify_all();
}

bool Collected::wait(const std::function<bool()>& enough) {
  const auto deadline = std::chrono::steady_clock::now() + wait_limit;
  while (!enough()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    wait_for_news(std::chrono::milliseconds(100));
  }
  return true;
}

void Collected::wait_for_news(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto before = news_;
  changed_.wait_for(lock, limit, [&] { return news_ != before; });
}

std::vector<bus::Received> Collected::of(const bus::Topic& topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(std::string(topic.name));
  return found == records_.end() ? std::vector<bus::Received>{} : found->second;
}
std::vector<events::MessageEvent> Collected::messages() const {
  return read_all<events::MessageEvent>(of(bus::topics::message_log));
}
std::vector<events::AuditEvent> Collected::audits() const {
  return read_all<events::AuditEvent>(of(bus::topics::audit));
}
std::vector<events::Dispatch> Collected::dispatches() const {
  return read_all<events::Dispatch>(of(bus::topics::dispatch));
}
std::size_t Collected::count(events::Status status) const {
  const std::lock_guard lock(mutex_);
  const auto found = statuses_.find(status);
  if (found == statuses_.end()) return 0;
  if (status != events::Status::QUEUED) return found->second;
  const auto dispatches = records_.find(std::string(bus::topics::dispatch.name));
  return std::min(found->second, dispatches == records_.end() ? 0 : dispatches->second.size());
}
std::size_t Collected::count(const bus::Topic& topic) const {
  return of(topic).size();
}

static void prepare(pg::Connection& owner) {
  pg::migrate(owner, attachments::schema());
  carillon::testing::prepare_service(owner, schema(), topics_written(), topics_read());
  attachments::grant_keeper(owner, role);
}

Pipe::Pipe(PipeOptions options)
    : ServiceWorld({"orchestrator", role, prepare}, options.payload_key),
      api_key(new_api_key("shop", "notifications:send")),
      admin_key(new_api_key("ops", "admin")) {
  for (const bus::Topic& topic : {bus::topics::send_requests, bus::topics::dispatch, bus::topics::message_log,
                                  bus::topics::audit, bus::topics::send_requests_dlq}) {
    watchers_.push_back(
        bus().broadcast(topic, [this, name = std::string(topic.name)](const bus::Received& r) { seen.add(name, r); }));
    watchers_.back()->start();
  }
  if (options.provider_known) {
    publish_provider(events::Channel::EMAIL, true, true);
    publish_provider(events::Channel::SMS, true, true);
  }
  if (options.slack_known) publish_provider(events::Channel::SLACK, true, true);
  start(options.instances, [&](service::Platform& platform) { return make_orchestrator(options.settings, platform); });
}

Pipe::~Pipe() {
  stop();
  for (auto& watcher : watchers_) watcher->stop();
}

http::Call Pipe::call(const std::string& body, http::Fields headers) const {
  http::Call call;
  call.url = url() + "/api/notifications";
  call.headers = std::move(headers);
  if (http::field(call.headers, "Authorization").empty())
    call.headers.emplace_back("Authorization", "Bearer " + api_key);
  if (http::field(call.headers, "Content-Type").empty()) call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  return call;
}

http::Answer Pipe::post(const std::string& body, http::Fields headers) {
  return client.call_and_wait(call(body, std::move(headers)));
}

http::Answer Pipe::get(const std::string& path) {
  http::Call get;
  get.method = http::Method::GET;
  get.url = url() + path;
  return client.call_and_wait(get);
}

http::Answer Pipe::request(http::Method method, const std::string& path, const std::string& key, std::string body,
                           const std::string& content_type) {
  http::Call call;
  call.method = method;
  call.url = url() + path;
  if (!key.empty()) call.headers.emplace_back("Authorization", "Bearer " + key);
  if (!content_type.empty()) call.headers.emplace_back("Content-Type", content_type);
  call.body = std::move(body);
  return client.call_and_wait(std::move(call));
}

void Pipe::publish(const bus::Topic& topic, std::vector<bus::Record> records) {
  bus::Outbox out;
  for (auto& record : records) out.publish(topic, std::move(record));
  ServiceWorld::publish(out);
}

void Pipe::publish(const events::ClientState& state) {
  publish(
      bus::topics::client_state,
      {{state.client_id,
        events::binary_headers("carillon.client-state.v1", "carillon/provisioning", new_uuid(clock.now()), clock.now()),
        events::to_json(state)}});
}

void Pipe::publish_provider(events::Channel channel, bool enabled, bool configured) {
  events::ProviderState state;
  state.provider = channel == events::Channel::EMAIL ? "postmark"
                   : channel == events::Channel::SMS ? "twilio"
                                                     : "slack";
  state.channel = channel;
  state.version = unix_micros(clock.now());
  state.channel_enabled = enabled;
  state.configured = configured;
  publish(
      bus::topics::provider_state,
      {{state.provider,
        events::binary_headers("carillon.provider-state.v1", "carillon/dispatcher", new_uuid(clock.now()), clock.now()),
        events::to_json(state)}});
}

bus::Record Pipe::binary(const std::string& source, const std::string& id, const std::string& json,
                         const std::string& key) {
  return {key,
          {{"ce_specversion", "1.0"},
           {"ce_id", id},
           {"ce_source", source},
           {"ce_type", "carillon.send-request.v1"},
           {"content-type", "application/json"}},
          json};
}

events::ClientState good_client(const std::string& id, std::int64_t version) {
  events::ClientState state;
  state.client_id = id;
  state.version = version;
  state.onboarding_status = "PROVISIONED";
  state.plan = "PRO";
  state.subscription_status = "active";
  state.contacts = events::Contacts{id + "@example.com", "+447700900123", ""};
  state.owner_name = "Ann";
  return state;
}

}  // namespace carillon::orchestrator::testing
