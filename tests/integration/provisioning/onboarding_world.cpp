#include "integration/provisioning/onboarding_world.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "http/url.hpp"
#include "provisioning/app/number_upkeep.hpp"
#include "security/webhooks/twilio_signature.hpp"

namespace carillon::provisioning::testing {
namespace {

std::string number_of(int n) {
  return fmt::format("+44163296{:04}", n);
}

}  // namespace

ProvisioningSettings onboarding_settings() {
  ProvisioningSettings settings;
  settings.onboarding.twilio_tokens = {"auth-token"};
  settings.onboarding.own_number = platform_number;
  settings.onboarding.rules.payment_link_url = "https://buy.stripe.com/test_1";
  return settings;
}

OnboardingWorld::OnboardingWorld(ProvisioningSettings settings, int instances) : World(std::move(settings), instances) {
  REQUIRE(wait_ready());
}

FormCall OnboardingWorld::sms_form(const std::string& from, const std::string& text, const std::string& to,
                                   const std::string& sid) {
  return {sms_path,
          {{"MessageSid", sid.empty() ? fmt::format("SM{:032}", next_sid_++) : sid},
           {"AccountSid", "AC00000000000000000000000000000000"},
           {"From", from},
           {"To", to},
           {"Body", text},
           {"NumMedia", "0"}}};
}

http::Answer OnboardingWorld::sms(const std::string& from, const std::string& text, const std::string& to,
                                  const std::string& sid) {
  return post_form(sms_form(from, text, to, sid));
}

http::Answer OnboardingWorld::voice(const std::string& to, const std::string& from, const std::string& sid) {
  return post_form({voice_path,
                    {{"CallSid", sid.empty() ? fmt::format("CA{:032}", next_sid_++) : sid},
                     {"From", from},
                     {"To", to},
                     {"CallStatus", "ringing"},
                     {"Direction", "inbound"}}});
}

namespace {

http::Fields signed_headers(const FormCall& call) {
  const auto signature = security::webhooks::sign_twilio(public_url + call.path, call.form, call.token);
  return {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"X-Twilio-Signature", signature}};
}

}  // namespace

http::Answer OnboardingWorld::post_form(const FormCall& call_of) {
  return call(http::Method::POST, call_of.path, http::form_encoded(call_of.form), signed_headers(call_of));
}

http::Answer OnboardingWorld::say(const std::string& text, const std::string& phone) {
  return post("/api/onboarding/messages",
              "{\"owner_phone\":" + http::json_string(phone) + ",\"text\":" + http::json_string(text) + "}");
}

namespace {

// The calls, each on a thread of its own; how many were answered with each status.
std::map<int, int> count_statuses(std::size_t times, const std::function<http::Answer(std::size_t)>& call) {
  std::vector<std::future<int>> statuses;
  for (std::size_t i = 0; i < times; ++i)
    statuses.push_back(std::async(std::launch::async, [&call, i] { return call(i).status; }));
  std::map<int, int> counts;
  for (auto& status : statuses) ++counts[status.get()];
  return counts;
}

}  // namespace

std::map<int, int> OnboardingWorld::at_once(const std::vector<FormCall>& calls) {
  return count_statuses(calls.size(), [&](std::size_t i) {
    return call(http::Method::POST, calls[i].path, http::form_encoded(calls[i].form), signed_headers(calls[i]),
                static_cast<int>(i) % instances());
  });
}

std::map<int, int> OnboardingWorld::allocate_at_once(const std::vector<std::string>& client_ids) {
  return count_statuses(client_ids.size(), [&](std::size_t i) {
    return call(http::Method::POST, "/api/admin/clients/" + client_ids[i] + "/allocate-number", {}, {},
                static_cast<int>(i) % instances());
  });
}

void OnboardingWorld::seed(int numbers) {
  std::string body = "{\"numbers\":[";
  for (int n = 0; n < numbers; ++n) body += (n ? ",\"" : "\"") + number_of(n) + "\"";
  const auto answer = post("/api/admin/number-pool/numbers", body + "]}");
  REQUIRE(answer.status == 200);
}

Client OnboardingWorld::add_client(const std::string& id, const std::string& state, bool paid, const std::string& phone,
                                   const std::string& number) {
  Client kept = some_client(id);
  kept.onboarding_state = state;
  kept.payment_active = paid;
  kept.subscription_status = paid ? "active" : "";
  kept.owner_phone = phone;
  kept.twilio_number = number;
  change([&](pg::Transaction& tx, bus::Outbox& out) { REQUIRE(insert_client(tx, out, kept, clock.now())); });
  return kept;
}

void OnboardingWorld::edit(const std::string& id, const std::function<void(Client&)>& edit) {
  change([&](pg::Transaction& tx, bus::Outbox& out) {
    auto kept = find_client(tx, id, Lock::FOR_UPDATE);
    REQUIRE(kept);
    edit(*kept);
    update_client(tx, out, *kept, clock.now());
  });
}

void OnboardingWorld::upkeep_turn(metrics::Registry& registry) {
  pg::ConnectionSettings settings = carillon::testing::settings_of(database);
  settings.role = role;
  pg::Pool pool(settings, 1);
  PoolMetrics pool_metrics(registry);
  Converse converse(pool, bus(), sealer(), clock, pool_metrics, onboarding_settings().onboarding.rules, [] {});
  NumberUpkeep(settings, bus(), clock, converse, pool_metrics, pool_warning_threshold_default, [] {
    return true;
  }).turn();
}

Client OnboardingWorld::client_of(const std::string& phone) {
  pg::Transaction tx(owner);
  auto kept = find_client_by_owner_phone(tx, phone, Lock::NO);
  REQUIRE(kept);
  return *kept;
}

Client OnboardingWorld::client_by_id(const std::string& id) {
  pg::Transaction tx(owner);
  auto kept = find_client(tx, id, Lock::NO);
  REQUIRE(kept);
  return *kept;
}

std::vector<events::SendRequest> OnboardingWorld::requests(const std::string& template_key) {
  std::vector<std::pair<UtcTime, events::SendRequest>> found;
  for (const auto& received : published(bus::topics::send_requests)) {
    auto request = events::from_json<events::SendRequest>(received.record.value);
    REQUIRE(request);
    if (request->template_key == template_key) found.emplace_back(received.published_at, std::move(*request));
  }
  std::ranges::stable_sort(found, {}, [](const auto& one) { return one.first; });
  std::vector<events::SendRequest> all;
  for (auto& [at, request] : found) all.push_back(std::move(request));
  return all;
}

std::vector<events::SendRequest> OnboardingWorld::replies() {
  return requests("ONBOARDING_REPLY");
}

std::string OnboardingWorld::last_reply() {
  const auto all = replies();
  REQUIRE_FALSE(all.empty());
  return variable(all.back(), "reply");
}

std::string variable(const events::SendRequest& request, const char* name) {
  rapidjson::Document variables;
  variables.Parse(request.variables.text.data(), request.variables.text.size());
  REQUIRE(variables.HasMember(name));
  if (variables[name].IsInt()) return std::to_string(variables[name].GetInt());
  return variables[name].GetString();
}

}  // namespace carillon::provisioning::testing
