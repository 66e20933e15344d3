#include "integration/otp/world.hpp"

#include <rapidjson/document.h>

#include <algorithm>

namespace carillon::otp::testing {
OtpSettings test_settings() {
  OtpSettings settings;
  settings.pepper = "a pepper of at least thirty-two characters";
  settings.answer_interval = std::chrono::milliseconds{0};
  return settings;
}

static void prepare(pg::Connection& owner) {
  carillon::testing::prepare_service(owner, schema(), topics_written(), topics_read());
}

World::World(OtpSettings settings, int instances)
    : ServiceWorld({"otp", role, prepare}),
      key(new_api_key("shop", "otp")),
      other_key(new_api_key("sender", "notifications:send")) {
  start(instances, [&](service::Platform& platform) { return make_otp(settings, platform); });
}

World::~World() {
  stop();
}

http::Call World::call(const std::string& path, const std::string& body, http::Fields headers, int instance) const {
  if (http::field(headers, "Authorization").empty()) headers.emplace_back("Authorization", "Bearer " + key);
  if (http::field(headers, "Content-Type").empty()) headers.emplace_back("Content-Type", "application/json");
  return prepared(http::Method::POST, path, body, std::move(headers), instance);
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
  return ServiceWorld::at_once(times, [&](int instance) { return call(path, body, {}, instance); });
}

std::vector<Sent> World::sent() {
  std::vector<Sent> all;
  for (auto& request : events_of<events::SendRequest>(bus::topics::send_requests)) {
    if (request.sealed.empty()) continue;
    const events::SealedContent content = opened(request);
    rapidjson::Document variables;
    variables.Parse(content.variables.text.data(), content.variables.text.size());
    all.push_back({std::move(request), content.recipient, variables["code"].GetString()});
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

std::string send_body(const std::string& number, const std::string& action) {
  return R"({"phone_number":")" + number + R"(","action":")" + action + "\"}";
}

std::string verify_body(const std::string& number, const std::string& code, const std::string& action) {
  return R"({"phone_number":")" + number + R"(","action":")" + action + R"(","code":")" + code + "\"}";
}

}  // namespace carillon::otp::testing
