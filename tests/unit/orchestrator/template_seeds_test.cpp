#include "orchestrator/app/template_seeds.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "orchestrator/core/render.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const TemplateSeed* seed(const std::string& key) {
  for (const auto& one : template_seeds()) {
    if (one.meta.key == key) return &one;
  }
  return nullptr;
}

std::string file(const char* path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

TEST_CASE("seeds: every template that the platform promises is there") {
  for (const char* key : {"WELCOME_EMAIL",
                          "PASSWORD_RESET",
                          "SUBSCRIPTION_CONFIRMED",
                          "PAYMENT_FAILED",
                          "SUBSCRIPTION_CANCELED",
                          "COMPLIANCE_EXPIRY_REMINDER",
                          "COMPLIANCE_EXPIRY_REMINDER_SMS",
                          "MONTHLY_DIGEST",
                          "PENDING_VERIFICATION_DIGEST",
                          "SCHEDULED_REPORT",
                          "COMPLIANCE_SLA_ALERT",
                          "OPS_ALERT_NOTIFICATION_SPIKE",
                          "NOTIFICATION_SPIKE_ALERT_ADMIN",
                          "PROVISIONING_FAILED_ADMIN",
                          "STRIPE_WEBHOOK_FAILURE_ADMIN",
                          "OPS_ALERT_SMS",
                          "OPS_ALERT_PROVIDER_FAILOVER",
                          "OPS_ALERT_SPEND_LIMIT",
                          "OPS_ALERT_NUMBER_POOL_LOW",
                          "OTP_CODE_SMS",
                          "OTP_CODE_EMAIL",
                          "ADMIN_MANUAL",
                          "ADMIN_MANUAL_SMS",
                          "ADMIN_MANUAL_SLACK",
                          "SUPPORT_REPLY",
                          "LEAD_RECEIVED",
                          "LEAD_FOLLOWUP",
                          "ENABLEMENT_STEP",
                          "ORDER_STATUS",
                          "ORDER_DELIVERED",
                          "DOCUMENT_SHARED",
                          "PARTNERSHIP_ENQUIRY",
                          "ACCOUNT_VERIFY",
                          "ONBOARDING_REPLY"}) {
    INFO(key);
    CHECK(seed(key));
  }
}

TEST_CASE("seeds: each renders its sample variables in each locale, with a subject and HTML for e-mail") {
  for (const auto& one : template_seeds()) {
    REQUIRE_FALSE(one.bodies.empty());
    events::ClientState client;
    client.owner_name = "Ann Example";
    const RenderData data(events::JsonObject{one.meta.sample_variables}, &client);
    for (const auto& name : one.meta.required_variables) {
      INFO(one.meta.key << " " << name);
      CHECK(data.has(name));
    }
    for (const auto& body : one.bodies) {
      INFO(one.meta.key << " " << body.locale);
      const auto rendered = (*CompiledBody::compile(body))->render(data, one.meta.channel);
      REQUIRE(rendered);
      CHECK(rendered->text.find("{{") == std::string::npos);
      if (one.meta.channel != events::Channel::EMAIL) continue;
      CHECK(rendered->html.find("<!doctype html>") == 0);
      CHECK(rendered->html.find("</main>") != std::string::npos);
      CHECK(rendered->html.find("{{{") == std::string::npos);
    }
  }
}

TEST_CASE("seeds: gates, windows and policies are as the platform promises") {
  for (const char* key : {"SUBSCRIPTION_CONFIRMED", "PAYMENT_FAILED", "SUBSCRIPTION_CANCELED"}) {
    CHECK_FALSE(seed(key)->meta.requires_provisioned);
    CHECK_FALSE(seed(key)->meta.requires_active_subscription);
    CHECK_FALSE(seed(key)->meta.client_required);
  }
  for (const char* key : {"WELCOME_EMAIL", "PASSWORD_RESET"}) {
    CHECK(seed(key)->meta.requires_provisioned);
    CHECK_FALSE(seed(key)->meta.requires_active_subscription);
    CHECK(seed(key)->meta.sensitive);
  }
  CHECK(seed("COMPLIANCE_EXPIRY_REMINDER_SMS")->meta.plan_required_feature_key == "sms_reminders");
  CHECK(seed("COMPLIANCE_EXPIRY_REMINDER_SMS")->meta.alias == "COMPLIANCE_EXPIRY_SMS");
  CHECK(seed("COMPLIANCE_EXPIRY_REMINDER")->meta.rate_limit_window == std::chrono::hours(24));
  CHECK_FALSE(seed("OPS_ALERT_SMS")->meta.active);
  for (const auto& one : template_seeds()) {
    const bool resend = one.meta.audience != events::Audience::CLIENT || one.meta.key.rfind("OTP_", 0) == 0 ||
                        one.meta.key == "ONBOARDING_REPLY" || one.meta.key.rfind("TENANT_ALERT_TEST", 0) == 0;
    const bool critical = one.meta.audience == events::Audience::OPS || one.meta.key.rfind("OTP_", 0) == 0;
    INFO(one.meta.key);
    CHECK((one.meta.unconfirmed_policy == events::UnconfirmedPolicy::RESEND) == resend);
    CHECK((one.meta.priority == events::Priority::CRITICAL) == critical);
    if (one.meta.key.rfind("OTP_", 0) == 0) CHECK(one.meta.rate_limit_window.count() == 0);
  }
}

TEST_CASE("seeds: what can be unsubscribed ends with a link for it, other mail never has one") {
  std::set<std::string> unsubscribable;
  const std::string url = "https://mail.example.com/unsubscribe/AQ-_";
  for (const auto& one : template_seeds()) {
    if (one.meta.unsubscribable) unsubscribable.insert(one.meta.key);
    const RenderData data(events::JsonObject{one.meta.sample_variables}, nullptr);
    for (const auto& body : one.bodies) {
      INFO(one.meta.key << " " << body.locale);
      const auto with = (*CompiledBody::compile(body))->render(data, one.meta.channel, url);
      const auto without = (*CompiledBody::compile(body))->render(data, one.meta.channel);
      REQUIRE(with);
      REQUIRE(without);
      CHECK((with->text.find(url) != std::string::npos) == one.meta.unsubscribable);
      CHECK((with->html.find("<a href=\"" + url + "\">Unsubscribe</a>") != std::string::npos) ==
            one.meta.unsubscribable);
      CHECK(without->text.find("nsubscribe") == std::string::npos);
      CHECK(without->html.find("nsubscribe") == std::string::npos);
    }
  }
  CHECK(unsubscribable == std::set<std::string>{"ENABLEMENT_STEP", "LEAD_FOLLOWUP", "MONTHLY_DIGEST",
                                                "PENDING_VERIFICATION_DIGEST", "SCHEDULED_REPORT"});
}

TEST_CASE("docs: the template matrix and the send inventory are what the templates say") {
  CHECK(file("docs/NOTIFICATION_TEMPLATE_MATRIX.md") == template_matrix_markdown());
  CHECK(file("docs/NOTIFICATION_SEND_INVENTORY.md") == send_inventory_markdown());
}

// Run by hand: build/dev/tests/unit-orchestrator "docs: write the generated tables"
TEST_CASE("docs: write the generated tables", "[.][docs]") {
  std::ofstream("docs/NOTIFICATION_TEMPLATE_MATRIX.md") << template_matrix_markdown();
  std::ofstream("docs/NOTIFICATION_SEND_INVENTORY.md") << send_inventory_markdown();
  CHECK(file("docs/NOTIFICATION_SEND_INVENTORY.md") == send_inventory_markdown());
}
