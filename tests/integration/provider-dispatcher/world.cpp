#include "world.hpp"

#include "events/cloud_events.hpp"
#include "http/url.hpp"
#include "provider-dispatcher/service.hpp"

namespace carillon::dispatcher::testing {

namespace {

constexpr int partitions = 4;
constexpr std::size_t page_records = 1'000;
const std::string payload_key(64, 'b');

class ScriptedProvider final : public Provider {
 public:
  explicit ScriptedProvider(ScriptPtr script) : script_(std::move(script)) {}
  std::string_view name() const override { return script_->name; }
  events::Channel channel() const override { return script_->channel; }
  bool configured() const override { return script_->configured; }
  std::string missing_settings() const override { return script_->configured ? "" : "EVERYTHING"; }
  double rate_per_second() const override { return script_->rate_per_second; }
  int concurrency_max() const override { return script_->concurrency; }
  void send(const OutboundMessage& message, UtcTime, std::function<void(Outcome)> done) override {
    script_->called(message, std::move(done));
  }

 private:
  ScriptPtr script_;
};

std::vector<std::unique_ptr<Provider>> providers_of(const std::vector<ScriptPtr>& scripts) {
  std::vector<std::unique_ptr<Provider>> providers;
  for (const ScriptPtr& script : scripts) providers.push_back(std::make_unique<ScriptedProvider>(script));
  return providers;
}

ChainSettings chains_of(const std::vector<ScriptPtr>& scripts) {
  ChainSettings chains;
  chains.sms_enabled = true;
  for (const ScriptPtr& script : scripts) {
    (script->channel == events::Channel::SMS ? chains.sms : chains.email).push_back(script->name);
  }
  return chains;
}

}  // namespace

void Script::answers(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void Script::always(Outcome outcome) {
  answers([outcome = std::move(outcome)](const OutboundMessage&) { return outcome; });
}

void Script::called(const OutboundMessage& message, std::function<void(Outcome)> done) {
  std::optional<Outcome> outcome;
  {
    const std::lock_guard lock(mutex_);
    outcome = answer_ ? answer_(message) : accepted();
    calls_.push_back({message, std::chrono::steady_clock::now(), outcome ? nullptr : done});
  }
  changed_.notify_all();
  if (outcome) done(*outcome);
}

bool Script::wait_for_calls(std::size_t count, std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait, [&] { return calls_.size() >= count; });
}

std::vector<ScriptedCall> Script::calls() {
  const std::lock_guard lock(mutex_);
  return {calls_.begin(), calls_.end()};
}

void Script::answer(std::size_t call, Outcome outcome) {
  std::function<void(Outcome)> done;
  {
    const std::lock_guard lock(mutex_);
    done = std::exchange(calls_.at(call).done, nullptr);
  }
  REQUIRE(done);
  done(std::move(outcome));
}

Outcome accepted(const std::string& id) {
  Outcome outcome;
  outcome.kind = OutcomeKind::ACCEPTED;
  outcome.provider_message_id = id;
  return outcome;
}

Outcome failed(OutcomeKind kind, Reason reason) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.reason = reason;
  outcome.provider_code = "599";
  outcome.detail = "as the test says";
  return outcome;
}

Instance::Instance(World& world, const std::vector<ScriptPtr>& scripts, SpendSettings spend, ReceiptSettings receipts)
    : http_(io_),
      bell_(world.as_owner()),
      pool_(world.as_owner(), 2),
      api_keys_(pool_, world.clock),
      sessions_(pool_, world.clock, {}),
      platform_{world.clock, io_,          http_,  registry_,   bell_,      api_keys_,
                sessions_,   world.sealer, "test", world.url(), partitions, std::chrono::hours{72}},
      service_(std::make_unique<DispatcherService>(chains_of(scripts), platform_, providers_of(scripts),
                                                   std::move(spend), std::move(receipts))) {
  service_->start();
  REQUIRE(service_->wait_until_running(wait_max));
}

Instance::~Instance() {
  service_->stop();
  service_.reset();
}

http::Response Instance::get(const std::string& path, const std::string& key,
                             const std::map<std::string, std::string>& query) {
  http::Router router;
  service_->routes(router);
  http::Request request;
  request.path = path;
  request.target = path;
  request.query = query;
  request.headers = {{"Authorization", "Bearer " + key}};
  bool known = false;
  std::string allowed;
  const http::Route* route = router.find(request, known, allowed);
  REQUIRE(route != nullptr);
  if (auto refused = route->guard(request)) return *refused;
  return route->handler(request);
}

std::future<http::Response> Instance::begin(http::Method method, const std::string& target, const http::Fields& headers,
                                            const std::string& body) {
  http::Router router;
  service_->routes(router);
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = headers;
  request.body = body;
  REQUIRE(http::split_target(request));
  bool known = false;
  std::string allowed;
  const http::Route* route = router.find(request, known, allowed);
  REQUIRE(route != nullptr);
  const auto answered = std::make_shared<std::promise<http::Response>>();
  auto answer = answered->get_future();
  auto refused = route->guard ? route->guard(request) : std::nullopt;
  if (refused) {
    answered->set_value(std::move(*refused));
  } else if (route->handler) {
    answered->set_value(route->handler(request));
  } else {
    route->async(std::move(request),
                 http::Reply([answered](http::Response response) { answered->set_value(std::move(response)); }));
  }
  return answer;
}

http::Response Instance::call(http::Method method, const std::string& target, const http::Fields& headers,
                              const std::string& body) {
  auto answer = begin(method, target, headers, body);
  REQUIRE(answer.wait_for(wait_max) == std::future_status::ready);
  return answer.get();
}

static void prepare(pg::Connection& owner) {
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, schema());
  bus::grant_topics(owner, role, topics_written(), topics_read());
}

World::World(const Clock& of)
    : clock(of),
      sealer(*security::Sealer::from_text(payload_key)),
      database_("provider-dispatcher", prepare),
      owner_(as_owner()),
      bell_(as_owner()) {
  bus::PostgresBusSettings settings;
  settings.connection = as_owner();
  settings.partitions = partitions;
  bus_ = bus::make_postgres_bus(settings, bell_, clock);
}

pg::ConnectionSettings World::as_owner() const {
  pg::ConnectionSettings settings;
  settings.url = database_.url();
  return settings;
}

pg::ConnectionSettings World::as_dispatcher() const {
  pg::ConnectionSettings settings = as_owner();
  settings.role = role;
  return settings;
}

std::string World::admin_key() {
  return security::create_api_key(owner_, "ops", {"admin"}, clock.now());
}

Instance& World::start(const std::vector<ScriptPtr>& scripts, SpendSettings spend, ReceiptSettings receipts) {
  instances_.push_back(std::make_unique<Instance>(*this, scripts, std::move(spend), std::move(receipts)));
  return *instances_.back();
}

events::Dispatch World::dispatch() const {
  events::Dispatch dispatch;
  dispatch.message_id = new_uuid(clock.now());
  dispatch.client_id = "acme";
  dispatch.template_key = "PAYMENT_FAILED";
  dispatch.template_version = 1;
  dispatch.channel = events::Channel::EMAIL;
  dispatch.priority = events::Priority::NORMAL;
  dispatch.unconfirmed_policy = events::UnconfirmedPolicy::HOLD;
  dispatch.recipient = "ann@example.com";
  dispatch.recipient_hash = "hash-of-ann";
  dispatch.subject = "Payment failed";
  dispatch.text = "Please pay \"now\" \\ soon, Ann.";
  dispatch.source = "api:shop";
  dispatch.accepted_at = clock.now();
  return dispatch;
}

void World::publish(const std::vector<events::Dispatch>& dispatches) {
  bus::Outbox out;
  for (const events::Dispatch& dispatch : dispatches) {
    const auto headers =
        events::binary_headers("carillon.dispatch.v1", "carillon/orchestrator", new_uuid(clock.now()), clock.now());
    out.publish(bus::topics::dispatch, {dispatch.message_id, headers, events::to_json(dispatch)});
  }
  pg::Transaction tx(owner_);
  bus_->flush(out, tx);
  tx.commit();
  bus_->wake(out);
}

void World::publish_text(const std::string& value) {
  bus::Outbox out;
  out.publish(bus::topics::dispatch, {"key", {}, value});
  pg::Transaction tx(owner_);
  bus_->flush(out, tx);
  tx.commit();
  bus_->wake(out);
}

template <class Event>
std::vector<Event> World::read(const bus::Topic& topic) {
  std::vector<Event> events;
  for (int partition = 0; partition < partitions; ++partition) {
    std::int64_t after = -1;
    for (auto page = bus_->peek(topic, partition, after, page_records); !page.empty();
         page = bus_->peek(topic, partition, after, page_records)) {
      for (const bus::Received& received : page) {
        auto event = events::from_json<Event>(received.record.value);
        if (!event) FAIL(event.error().detail);
        events.push_back(std::move(event).value());
        after = received.seq;
      }
    }
  }
  return events;
}

std::vector<events::MessageEvent> World::log(const std::string& message_id) {
  std::vector<events::MessageEvent> found;
  for (auto& event : read<events::MessageEvent>(bus::topics::message_log)) {
    if (message_id.empty() || event.message_id == message_id) found.push_back(std::move(event));
  }
  return found;
}

std::vector<events::AuditEvent> World::audits(const std::string& action) {
  std::vector<events::AuditEvent> found;
  for (auto& event : read<events::AuditEvent>(bus::topics::audit)) {
    if (event.action == action) found.push_back(std::move(event));
  }
  return found;
}

std::vector<events::Feedback> World::feedback() {
  return read<events::Feedback>(bus::topics::feedback);
}

std::vector<events::SendRequest> World::send_requests() {
  return read<events::SendRequest>(bus::topics::send_requests);
}

std::vector<events::ProviderState> World::provider_states(const std::string& provider) {
  std::vector<events::ProviderState> found;
  for (auto& state : read<events::ProviderState>(bus::topics::provider_state)) {
    if (state.provider == provider) found.push_back(std::move(state));
  }
  return found;
}

std::vector<events::Status> World::statuses(const std::string& message_id) {
  std::vector<events::Status> statuses;
  for (const auto& event : log(message_id)) statuses.push_back(event.status);
  return statuses;
}

bool World::until(const std::function<bool()>& done, std::chrono::milliseconds wait) {
  const auto deadline = std::chrono::steady_clock::now() + wait;
  std::uint64_t seen = 0;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    seen = bell_.wait(bus::topics::message_log.table, seen, std::chrono::milliseconds{25});
  }
  return true;
}

bool World::until_status(const std::string& message_id, events::Status status) {
  return until([&] {
    const auto all = statuses(message_id);
    return !all.empty() && all.back() == status;
  });
}

}  // namespace carillon::dispatcher::testing
