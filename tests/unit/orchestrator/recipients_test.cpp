#include "orchestrator/core/recipients.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::orchestrator;
using events::Status;

namespace {

TemplateMeta meta_of(events::Channel channel, events::Audience audience) {
  TemplateMeta meta;
  meta.key = "T";
  meta.channel = channel;
  meta.audience = audience;
  return meta;
}

events::ClientState client_with(events::Contacts contacts) {
  events::ClientState client;
  client.client_id = "c";
  client.contacts = std::move(contacts);
  return client;
}

const StaffAddresses staff{{"ops@example.com"}, {"ann@example.com", "bob@example.com"}, {"+447700900123"}};
using Addresses = std::vector<std::string>;

}  // namespace

TEST_CASE("recipients: ADMIN and OPS mail never goes to the recipient that a request names, nor to the client") {
  events::SendRequest request;
  request.recipient = "client@example.com";
  const auto client = client_with({"client@example.com", "+447700900999", ""});
  const auto ops =
      resolve_recipients(request, meta_of(events::Channel::EMAIL, events::Audience::OPS), &client, staff, nullptr);
  CHECK(ops.addresses == Addresses{"ops@example.com"});
  const auto admin =
      resolve_recipients(request, meta_of(events::Channel::EMAIL, events::Audience::ADMIN), &client, staff, nullptr);
  CHECK(admin.addresses == Addresses{"ann@example.com", "bob@example.com"});
  const auto sms =
      resolve_recipients(request, meta_of(events::Channel::SMS, events::Audience::OPS), &client, staff, nullptr);
  CHECK(sms.addresses == Addresses{"+447700900123"});
}

TEST_CASE("recipients: each staff list stands in for the other e-mail list, never for phone numbers") {
  const StaffAddresses only_ops{{"ops@example.com"}, {}, {}};
  const auto admin =
      resolve_recipients({}, meta_of(events::Channel::EMAIL, events::Audience::ADMIN), nullptr, only_ops, nullptr);
  CHECK(admin.addresses == Addresses{"ops@example.com"});
  const auto sms =
      resolve_recipients({}, meta_of(events::Channel::SMS, events::Audience::OPS), nullptr, only_ops, nullptr);
  REQUIRE(sms.refusal);
  CHECK(sms.refusal->status == Status::BLOCKED_NO_RECIPIENT);
  CHECK(sms.refusal->detail.find("OPS_ALERT_PHONE_NUMBERS") != std::string::npos);
}

TEST_CASE("recipients: an address in both lists gets one mail of a spike's two templates") {
  const StaffAddresses both{
      {"ops@example.com", "ann@example.com"}, {"ann@example.com", "bob@example.com", "bob@example.com"}, {}};
  const TemplateMeta ops = meta_of(events::Channel::EMAIL, events::Audience::OPS);
  const TemplateMeta admin = meta_of(events::Channel::EMAIL, events::Audience::ADMIN);
  CHECK(resolve_recipients({}, ops, nullptr, both, nullptr).addresses ==
        Addresses{"ops@example.com", "ann@example.com"});
  CHECK(resolve_recipients({}, admin, nullptr, both, &ops).addresses == Addresses{"bob@example.com"});
  const StaffAddresses same{{"ann@example.com"}, {"ann@example.com"}, {}};
  const auto none = resolve_recipients({}, admin, nullptr, same, &ops);
  REQUIRE(none.refusal);
  CHECK(none.refusal->reason == "REACHED_BY_PAIRED_TEMPLATE");
}

TEST_CASE("recipients: a CLIENT template goes to the client's contact of its channel") {
  const auto client = client_with({"ann@Example.com", "+447700900123", "billing@example.com"});
  CHECK(resolve_recipients({}, meta_of(events::Channel::EMAIL, events::Audience::CLIENT), &client, staff, nullptr)
            .addresses == Addresses{"ann@example.com"});
  CHECK(resolve_recipients({}, meta_of(events::Channel::SMS, events::Audience::CLIENT), &client, staff, nullptr)
            .addresses == Addresses{"+447700900123"});
}

TEST_CASE("recipients: billing mail goes to the billing address, else to the client's") {
  TemplateMeta meta = meta_of(events::Channel::EMAIL, events::Audience::CLIENT);
  meta.category = "billing";
  const auto with = client_with({"ann@example.com", "", "billing@example.com"});
  CHECK(resolve_recipients({}, meta, &with, staff, nullptr).addresses == Addresses{"billing@example.com"});
  const auto without = client_with({"ann@example.com", "", ""});
  CHECK(resolve_recipients({}, meta, &without, staff, nullptr).addresses == Addresses{"ann@example.com"});
}

TEST_CASE("recipients: a client without a usable contact has no recipient") {
  const TemplateMeta meta = meta_of(events::Channel::SMS, events::Audience::CLIENT);
  CHECK(resolve_recipients({}, meta, nullptr, staff, nullptr).refusal->reason == "CONTACT_MISSING");
  const auto mail_only = client_with({"ann@example.com", "", ""});
  CHECK(resolve_recipients({}, meta, &mail_only, staff, nullptr).refusal->reason == "CONTACT_MISSING");
  const auto broken = client_with({"", "07700 900123", ""});
  CHECK(resolve_recipients({}, meta, &broken, staff, nullptr).refusal->reason == "CONTACT_INVALID");
}

TEST_CASE("recipients: a named recipient needs the template's permission and the template's channel") {
  events::SendRequest request;
  request.recipient = "ann@example.com";
  TemplateMeta meta = meta_of(events::Channel::EMAIL, events::Audience::CLIENT);
  const auto refused = resolve_recipients(request, meta, nullptr, staff, nullptr);
  REQUIRE(refused.refusal);
  CHECK(refused.refusal->status == Status::BLOCKED_INVALID_REQUEST);
  CHECK(refused.refusal->detail.find("recipient:") == 0);
  meta.explicit_recipient = true;
  CHECK(resolve_recipients(request, meta, nullptr, staff, nullptr).addresses == Addresses{"ann@example.com"});
  meta.channel = events::Channel::SMS;
  CHECK(resolve_recipients(request, meta, nullptr, staff, nullptr).refusal->reason == "RECIPIENT_WRONG_CHANNEL");
}

TEST_CASE("recipients: a request answers with as many message ids as staff addresses get mail, and at least one") {
  const TemplateMeta admin = meta_of(events::Channel::EMAIL, events::Audience::ADMIN);
  const TemplateMeta client = meta_of(events::Channel::EMAIL, events::Audience::CLIENT);
  CHECK(message_count(&admin, staff, nullptr) == 2);
  CHECK(message_count(&admin, {}, nullptr) == 1);
  CHECK(message_count(&client, staff, nullptr) == 1);
  CHECK(message_count(nullptr, staff, nullptr) == 1);
}

TEST_CASE(
    "recipients: a Slack message goes to the webhook URL of the request or of the client's contact, to no other") {
  TemplateMeta meta = meta_of(events::Channel::SLACK, events::Audience::CLIENT);
  meta.explicit_recipient = true;
  const std::string url = "https://hooks.slack.com/services/T0/B0/x";
  events::SendRequest request;
  request.recipient = url;
  CHECK(resolve_recipients(request, meta, nullptr, staff, nullptr).addresses == Addresses{url});
  for (const char* other : {"ann@example.com", "+447700900123", "http://hooks.slack.com/services/T0/B0/x"}) {
    request.recipient = other;
    const auto refused = resolve_recipients(request, meta, nullptr, staff, nullptr);
    REQUIRE(refused.refusal);
    CHECK(refused.refusal->reason == "RECIPIENT_WRONG_CHANNEL");
    CHECK(refused.refusal->detail.find(other) == std::string::npos);
  }
  request.recipient.clear();
  const auto client = client_with({"client@example.com", "+447700900999", "", url});
  CHECK(resolve_recipients(request, meta, &client, staff, nullptr).addresses == Addresses{url});
  const auto without = client_with({"client@example.com", "+447700900999", "", ""});
  CHECK(resolve_recipients(request, meta, &without, staff, nullptr).refusal->reason == "CONTACT_MISSING");
}

TEST_CASE("recipients: a test goes to whom it names, of the staff's templates only to one of the staff") {
  events::SendRequest request;
  request.metadata["test_send"] = "true";
  request.recipient = "me@example.com";
  const auto client = meta_of(events::Channel::EMAIL, events::Audience::CLIENT);
  CHECK(resolve_recipients(request, client, nullptr, staff, nullptr).addresses == Addresses{"me@example.com"});
  const auto admin = meta_of(events::Channel::EMAIL, events::Audience::ADMIN);
  CHECK(resolve_recipients(request, admin, nullptr, staff, nullptr).refusal->reason == "RECIPIENT_NOT_STAFF");
  request.recipient = "bob@example.com";
  CHECK(resolve_recipients(request, admin, nullptr, staff, nullptr).addresses == Addresses{"bob@example.com"});
  request.recipient.clear();
  CHECK(resolve_recipients(request, admin, nullptr, staff, nullptr).addresses.size() == 2);
}
