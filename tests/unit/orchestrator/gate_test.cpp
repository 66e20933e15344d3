#include "orchestrator/core/gate.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::orchestrator;
using events::Status;

namespace {

const UtcTime now = from_unix_micros(1'790'000'000'000'000);

// A template, a client and a request that pass every gate; each test spoils one thing.
struct Scene {
  TemplateMeta meta;
  events::SendRequest request;
  events::ClientState client;
  bool template_found = true, version_found = true, client_found = true, preference_off = false, suppressed = false;
  bool unsubscribed = false, recipient_off = false;
  std::optional<Refusal> recipient_refusal, attachment_refusal;
  ProviderFacts provider{true, true};

  Scene() {
    meta.key = "COMPLIANCE_EXPIRY_REMINDER_SMS";
    meta.channel = events::Channel::SMS;
    meta.audience = events::Audience::CLIENT;
    meta.requires_provisioned = true;
    meta.requires_active_subscription = true;
    meta.client_required = true;
    meta.plan_required_feature_key = "sms_reminders";
    meta.required_variables = {"item", "expiry_date"};
    request.template_key = meta.key;
    request.client_id = "client-1";
    request.variables.text = R"({"item":"Fire safety","expiry_date":"1 May"})";
    client.client_id = "client-1";
    client.onboarding_status = "PROVISIONED";
    client.subscription_status = "active";
    client.plan = "PRO";
  }

  std::optional<Refusal> decide() const {
    const RenderData data(request.variables, &client);
    return gate({request, template_found ? &meta : nullptr, version_found, &data, client_found ? &client : nullptr,
                 recipient_refusal ? &*recipient_refusal : nullptr, preference_off, suppressed, provider, unsubscribed,
                 attachment_refusal ? &*attachment_refusal : nullptr, recipient_off},
                now);
  }
  Status status() const {
    const auto refusal = decide();
    return refusal ? refusal->status : Status::QUEUED;
  }
};

const Refusal no_recipient{Status::BLOCKED_NO_RECIPIENT, "CONTACT_MISSING", ""};
const Refusal recipient_not_allowed{Status::BLOCKED_INVALID_REQUEST, "RECIPIENT_NOT_ALLOWED",
                                    "recipient: leave it out"};

}  // namespace

TEST_CASE("gate: a request that passes everything goes on") {
  CHECK_FALSE(Scene().decide());
}

TEST_CASE("gate: a missing required variable is BLOCKED_INVALID_REQUEST and named") {
  Scene scene;
  scene.request.variables.text = R"({"item":"Fire safety"})";
  const auto refusal = scene.decide();
  REQUIRE(refusal);
  CHECK(refusal->status == Status::BLOCKED_INVALID_REQUEST);
  CHECK(refusal->reason == "VARIABLE_MISSING");
  CHECK(refusal->detail.find("variables.expiry_date") == 0);
}

TEST_CASE("gate: a list that is too long is BLOCKED_INVALID_REQUEST and named, before what is missing") {
  Scene scene;
  std::string list = "[1";
  for (std::size_t i = 0; i < list_items_max; ++i) list += ",1";
  scene.request.variables.text = "{\"item\":" + list + "]}";
  const auto refusal = scene.decide();
  REQUIRE(refusal);
  CHECK(refusal->status == Status::BLOCKED_INVALID_REQUEST);
  CHECK(refusal->reason == "LIST_TOO_LONG");
  CHECK(refusal->detail.find("variables.item: ") == 0);
}

TEST_CASE("gate: null and the empty string are missing, zero is not") {
  Scene scene;
  scene.request.variables.text = R"({"item":null,"expiry_date":"1 May"})";
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
  scene.request.variables.text = R"({"item":"","expiry_date":"1 May"})";
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
  scene.request.variables.text = R"({"item":0,"expiry_date":"1 May"})";
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: a template that needs a client refuses a request without one as BLOCKED_INVALID_REQUEST") {
  Scene scene;
  scene.request.client_id.clear();
  scene.client_found = false;
  REQUIRE(scene.decide());
  CHECK(scene.decide()->reason == "CLIENT_ID_MISSING");
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
}

TEST_CASE("gate: a recipient that the template does not allow is BLOCKED_INVALID_REQUEST") {
  Scene scene;
  scene.recipient_refusal = recipient_not_allowed;
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
}

TEST_CASE("gate: an unknown template is BLOCKED_TEMPLATE_NOT_FOUND") {
  Scene scene;
  scene.template_found = false;
  CHECK(scene.status() == Status::BLOCKED_TEMPLATE_NOT_FOUND);
}

TEST_CASE("gate: an unknown pinned version is BLOCKED_TEMPLATE_NOT_FOUND") {
  Scene scene;
  scene.version_found = false;
  CHECK(scene.status() == Status::BLOCKED_TEMPLATE_NOT_FOUND);
  CHECK(scene.decide()->reason == "TEMPLATE_VERSION_UNKNOWN");
}

TEST_CASE("gate: an inactive template is BLOCKED_TEMPLATE_INACTIVE") {
  Scene scene;
  scene.meta.active = false;
  CHECK(scene.status() == Status::BLOCKED_TEMPLATE_INACTIVE);
}

TEST_CASE("gate: an unknown client is BLOCKED_CLIENT_NOT_FOUND") {
  Scene scene;
  scene.client_found = false;
  CHECK(scene.status() == Status::BLOCKED_CLIENT_NOT_FOUND);
}

TEST_CASE("gate: WELCOME_EMAIL before PROVISIONED is BLOCKED_PROVISIONING_INCOMPLETE") {
  Scene scene;
  scene.meta.key = "WELCOME_EMAIL";
  scene.meta.requires_active_subscription = false;
  scene.meta.plan_required_feature_key.clear();
  for (const char* status : {"", "PENDING", "IN_PROGRESS", "provisioned"}) {
    scene.client.onboarding_status = status;
    CHECK(scene.status() == Status::BLOCKED_PROVISIONING_INCOMPLETE);
  }
  scene.client.onboarding_status = "PROVISIONED";
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: PAYMENT_FAILED goes to a client that is not provisioned and has no subscription") {
  Scene scene;
  scene.meta.requires_provisioned = scene.meta.requires_active_subscription = false;
  scene.meta.plan_required_feature_key.clear();
  scene.client.onboarding_status = "PENDING";
  scene.client.subscription_status = "canceled";
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: without an active subscription is BLOCKED_SUBSCRIPTION_INACTIVE") {
  Scene scene;
  for (const char* status : {"", "canceled", "incomplete", "unpaid"}) {
    scene.client.subscription_status = status;
    CHECK(scene.status() == Status::BLOCKED_SUBSCRIPTION_INACTIVE);
  }
  for (const char* status : {"active", "ACTIVE", "trialing", "past_due"}) {
    scene.client.subscription_status = status;
    CHECK(scene.status() == Status::QUEUED);
  }
}

TEST_CASE("gate: PRO SMS reminders are allowed, SOLO and PORTFOLIO ones are BLOCKED_PLAN") {
  Scene scene;
  for (const char* plan : {"SOLO", "PORTFOLIO", "", "UNKNOWN"}) {
    scene.client.plan = plan;
    CHECK(scene.status() == Status::BLOCKED_PLAN);
  }
  scene.client.plan = "PRO";
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: an entitlement override decides before the plan, until it expires") {
  Scene scene;
  scene.client.plan = "SOLO";
  scene.client.entitlements = {{"sms_reminders", true, now + std::chrono::hours(1)}};
  CHECK(scene.status() == Status::QUEUED);
  scene.client.entitlements[0].expires_at = now;
  CHECK(scene.status() == Status::BLOCKED_PLAN);
  scene.client.plan = "PRO";
  scene.client.entitlements = {{"sms_reminders", false, std::nullopt}};
  CHECK(scene.status() == Status::BLOCKED_PLAN);
}

TEST_CASE("gate: a switched-off notification is BLOCKED_PREFERENCE") {
  Scene scene;
  scene.preference_off = true;
  CHECK(scene.status() == Status::BLOCKED_PREFERENCE);
}

TEST_CASE("gate: a recipient who has unsubscribed is BLOCKED_PREFERENCE, before suppression is looked at") {
  Scene scene;
  scene.unsubscribed = scene.suppressed = true;
  CHECK(scene.status() == Status::BLOCKED_PREFERENCE);
  CHECK(scene.decide()->reason == "RECIPIENT_UNSUBSCRIBED");
}

TEST_CASE("gate: files that may not go along are BLOCKED_INVALID_REQUEST, before the template is looked at") {
  Scene scene;
  scene.attachment_refusal = Refusal{Status::BLOCKED_INVALID_REQUEST, "ATTACHMENT_UNKNOWN", "attachments: x"};
  scene.meta.active = false;
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
  CHECK(scene.decide()->reason == "ATTACHMENT_UNKNOWN");
}

TEST_CASE("gate: a client without contact is BLOCKED_NO_RECIPIENT") {
  Scene scene;
  scene.recipient_refusal = no_recipient;
  CHECK(scene.status() == Status::BLOCKED_NO_RECIPIENT);
}

TEST_CASE("gate: a suppressed recipient is BLOCKED_SUPPRESSED") {
  Scene scene;
  scene.suppressed = true;
  CHECK(scene.status() == Status::BLOCKED_SUPPRESSED);
}

TEST_CASE("gate: a disabled channel or one without provider is BLOCKED_PROVIDER_NOT_CONFIGURED") {
  Scene scene;
  scene.provider = {false, true};
  CHECK(scene.decide()->reason == "CHANNEL_DISABLED");
  CHECK(scene.status() == Status::BLOCKED_PROVIDER_NOT_CONFIGURED);
  scene.provider = {true, false};
  CHECK(scene.decide()->reason == "NO_PROVIDER_CONFIGURED");
  CHECK(scene.status() == Status::BLOCKED_PROVIDER_NOT_CONFIGURED);
}

TEST_CASE("gate: of all refusals at once the first in the fixed order wins") {
  Scene scene;
  scene.request.variables.text = "{}";
  scene.meta.active = false;
  scene.client_found = false;
  scene.preference_off = scene.suppressed = true;
  scene.recipient_refusal = no_recipient;
  scene.provider = {};
  // Mending one after the other shows the next.
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
  scene.request.variables.text = R"({"item":"a","expiry_date":"b"})";
  scene.version_found = false;
  CHECK(scene.status() == Status::BLOCKED_TEMPLATE_NOT_FOUND);
  scene.version_found = true;
  CHECK(scene.status() == Status::BLOCKED_TEMPLATE_INACTIVE);
  scene.meta.active = true;
  CHECK(scene.status() == Status::BLOCKED_CLIENT_NOT_FOUND);
  scene.client_found = true;
  scene.client.onboarding_status = "PENDING";
  scene.client.subscription_status = "canceled";
  scene.client.plan = "SOLO";
  CHECK(scene.status() == Status::BLOCKED_PROVISIONING_INCOMPLETE);
  scene.client.onboarding_status = "PROVISIONED";
  CHECK(scene.status() == Status::BLOCKED_SUBSCRIPTION_INACTIVE);
  scene.client.subscription_status = "active";
  CHECK(scene.status() == Status::BLOCKED_PLAN);
  scene.client.plan = "PRO";
  CHECK(scene.status() == Status::BLOCKED_PREFERENCE);
  scene.preference_off = false;
  CHECK(scene.status() == Status::BLOCKED_NO_RECIPIENT);
  scene.recipient_refusal.reset();
  CHECK(scene.status() == Status::BLOCKED_SUPPRESSED);
  scene.suppressed = false;
  CHECK(scene.status() == Status::BLOCKED_PROVIDER_NOT_CONFIGURED);
  scene.provider = {true, true};
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: mail to our own staff does not depend on the client it is about") {
  Scene scene;
  scene.meta.audience = events::Audience::ADMIN;
  scene.client_found = false;
  CHECK(scene.status() == Status::QUEUED);
}

TEST_CASE("gate: a test of a template passes its switch and its need of a client, not suppression") {
  Scene scene;
  scene.request.client_id.clear();
  scene.client_found = false;
  scene.meta.active = false;
  CHECK(scene.status() == Status::BLOCKED_INVALID_REQUEST);
  scene.request.metadata["test_send"] = "true";
  CHECK(scene.status() == Status::QUEUED);
  scene.suppressed = true;
  CHECK(scene.status() == Status::BLOCKED_SUPPRESSED);
}

TEST_CASE("gate: what is switched off for the recipient alone is BLOCKED_PREFERENCE, with its own reason") {
  Scene scene;
  scene.recipient_off = true;
  REQUIRE(scene.decide());
  CHECK(scene.status() == Status::BLOCKED_PREFERENCE);
  CHECK(scene.decide()->reason == "SWITCHED_OFF_FOR_RECIPIENT");
  scene.preference_off = true;
  CHECK(scene.decide()->reason == "SWITCHED_OFF_BY_CLIENT");
  scene.recipient_refusal = no_recipient;  // comes after it in the order
  CHECK(scene.status() == Status::BLOCKED_PREFERENCE);
}

TEST_CASE("gate: before its send_at a message is refused only for what no waiting mends") {
  Scene scene;
  const RenderData data(scene.request.variables, nullptr);
  GateInput input{scene.request, &scene.meta, true, &data};
  input.suppressed = true;
  input.preference_off = true;
  CHECK_FALSE(gate_before_waiting(input));
  CHECK(gate(input, now)->status == Status::BLOCKED_CLIENT_NOT_FOUND);
  input.version_found = false;
  CHECK(gate_before_waiting(input)->status == Status::BLOCKED_TEMPLATE_NOT_FOUND);
  input.meta = nullptr;
  CHECK(gate_before_waiting(input)->reason == "TEMPLATE_UNKNOWN");
  scene.request.variables.text = "{}";
  const RenderData empty(scene.request.variables, nullptr);
  const GateInput incomplete{scene.request, &scene.meta, true, &empty};
  CHECK(gate_before_waiting(incomplete)->status == Status::BLOCKED_INVALID_REQUEST);
}
