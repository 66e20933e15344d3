#include "integration/otp/world.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

namespace carillon::otp::testing {
namespace {

constexpr int partitions = 4;
constexpr std::size_t records_max = 10'000;
constexpr const char* payload_key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

pg::ConnectionSettings owner_settings(const std::string& url) {
  pg::ConnectionSettings settings;
  settings.url = url;
  return settings;
}

}  // namespace

OtpSettings test_settings() {
  OtpSettings settings;
  settings.pepper = "a pepper of at least thirty-two characters";
  settings.answer_interval = std::chrono::milliseconds{0};
  return settings;
}

static void prepare(pg::Connection& owner) {
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, schema());
  bus::grant_topics(owner, role, topics_written(), topics_read());
  bus::maintain_bus(owner, std::chrono::hours(72));
}

World::World(OtpSettings settings, int instances)
    : database("otp", prepare),
      owner(owner_settings(database.url())),
      client(io),
      sealer_(*security::Sealer::from_text(payload_key)) {
  key = security::create_api_key(owner, "shop", {"otp"}, clock.now());
  other_key = security::create_api_key(owner, "sender", {"notifications:send"}, clock.now());
  bell_ = std::make_unique<bus::Bell>(owner_settings(database.url()));
  key_pool_ = std::make_unique<pg::Pool>(owner_settings(database.url()), 2);
  keys_ = std::make_unique<security::ApiKeys>(*key_pool_, clock);
  sessions_ = std::make_unique<security::Sessions>(*key_pool_, clock, security::SessionLimits{});
  bus_ = bus::make_postgres_bus({owner_settings(database.url())}, *bell_, clock);
  for (int i = 0; i < instances; ++i) {
    registries_.push_back(std::make_unique<metrics::Registry>());
    platforms_.push_back(std::unique_ptr<service::Platform>(
        new service::Platform{clock, io, client, *registries_.back(), *bell_, *keys_, *sessions_, sealer_,
                              "test-" + std::to_string(i), database.url(), partitions, std::chrono::hours(72)}));
    instances_.push_back(make_otp(settings, *platforms_.back()));
    http::Router router;
    instances_.back()->routes(router);
    servers_.push_back(std::make_unique<http::Server>(io, http::ServerSettings{}, std::move(router)));
    instances_.back()->start();
  }
}

World::~World() {
  for (auto& server : servers_) server->stop(std::chrono::seconds(2));
  for (auto& one : instances_) one->stop();
}

http::Call World::call(const std::string& path, const std::string& body, http::Fields headers, int instance) const {
  http::Call call;
  call.url = "http://127.0.0.1:" + std::to_string(servers_.at(static_cast<std::size_t>(instance))->port()) + path;
  call.headers = std::move(headers);
  if (http::field(call.headers, "Authorization").empty()) call.headers.emplace_back("Authorization", "Bearer " + key);
  if (http::field(call.headers, "Content-Type").empty()) call.headers.emplace_back("Content-Type", "application/json");
  call.body = body;
  return call;
}

http::Answer World::post(const std::string& path, const std::string& body, http::Fields headers, int instance) {
  return client.call_and_wait(call(path, body, std::move(headers), instance));
}

http::Answer World::send(const std::string& number, const std::string& action, http::Fields headers) {
  return post(send_path, send_body(number, action), std::move(headers));
}

http::Answer World::verify(const std::string& number, const std::string& code, const std::string& action) {
  return post(verify_path, verify_body(number, code, action));
}

std::map<int, int> World::at_once(int times, const std::string& path, const std::string& body) {
  std::vector<std::promise<int>> statuses(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    client.call(
        call(path, body, {}, i % static_cast<int>(servers_.size())),
        [&status = statuses[static_cast<std::size_t>(i)]](http::Answer answer) { status.set_value(answer.status); });
  }
  std::map<int, int> counts;
  for (auto& status : statuses) ++counts[status.get_future().get()];
  return counts;
}

std::vector<bus::Received> World::published(const bus::Topic& topic) {
  std::vector<bus::Received> all;
  for (int partition = 0; partition < bus_->partitions(); ++partition) {
    auto records = bus_->peek(topic, partition, 0, records_max);
    all.insert(all.end(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  return all;
}

std::vector<Sent> World::sent() {
  std::vector<Sent> all;
  for (const auto& received : published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    REQUIRE(request);
    if (request->sealed.empty()) continue;
    const auto plain = sealer_.open(request->sealed, request->message_id);
    REQUIRE(plain);
    const auto content = events::from_json<events::SealedContent>(*plain);
    REQUIRE(content);
    rapidjson::Document variables;
    variables.Parse(content->variables.text.data(), content->variables.text.size());
    all.push_back({std::move(*request), content->recipient, variables["code"].GetString()});
  }
  std::sort(all.begin(), all.end(),
            [](const Sent& a, const Sent& b) { return a.request.message_id < b.request.message_id; });
  return all;
}

std::string World::last_code() {
  const auto all = sent();
  REQUIRE_FALSE(all.empty());
  return all.back().code;
}

std::string World::wrong_code() {
  std::string code = last_code();
  code.back() = code.back() == '0' ? '1' : '0';
  return code;
}

std::vector<events::AuditEvent> World::audits() {
  std::vector<events::AuditEvent> all;
  for (const auto& received : published(bus::topics::audit)) {
    auto event = events::from_json<events::AuditEvent>(received.record.value);
    REQUIRE(event);
    all.push_back(std::move(*event));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.event_id < b.event_id; });
  return all;
}

std::size_t World::audited(const std::string& action) {
  const auto all = audits();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const auto& event) { return event.action == action; }));
}

std::string send_body(const std::string& number, const std::string& action) {
  return R"({"phone_number":")" + number + R"(","action":")" + action + "\"}";
}

std::string verify_body(const std::string& number, const std::string& code, const std::string& action) {
  return R"({"phone_number":")" + number + R"(","action":")" + action + R"(","code":")" + code + "\"}";
}

}  // namespace carillon::otp::testing
