#include "provider-dispatcher/adapters/receipts/read_receipts.hpp"

#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/receipts/postmark.hpp"
#include "provider-dispatcher/adapters/receipts/sendgrid.hpp"
#include "provider-dispatcher/adapters/receipts/ses.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"
#include "provider-dispatcher/adapters/receipts/sns_certificates.hpp"
#include "provider-dispatcher/adapters/receipts/twilio.hpp"

using namespace carillon;
using namespace carillon::dispatcher;

namespace {

const UtcTime now = *from_rfc3339("2026-11-23T10:00:00Z");
const std::string id = "0192d3a4-0000-7000-8000-000000000001";
const std::string metadata = R"("Metadata":{"message_id":")" + id + R"(","attempt":"2"})";

Result<ReadReceipts> postmark_says(std::string body) {
  return postmark::read_receipts(body, now);
}
Result<ReadReceipts> sendgrid_says(std::string body) {
  return sendgrid::read_receipts(body, now);
}
Result<ReadReceipts> ses_says(std::string message) {
  return ses::read_receipts(message, now);
}

// The one receipt of a call.
Receipt only(const Result<ReadReceipts>& read) {
  REQUIRE(read.ok());
  REQUIRE(read->receipts.size() == 1);
  return read->receipts[0];
}

std::string postmark_bounce(const std::string& type, const std::string& more = {}) {
  return R"({"RecordType":"Bounce","Type":")" + type +
         R"(","TypeCode":4096,"MessageID":"pm-1","Email":"Ann@Example.com","Details":"550 <ann@example.com> +447700900123",)"
         R"("BouncedAt":"2026-11-23T09:59:00.5Z",)" +
         more + metadata + "}";
}

std::string sendgrid_event(const std::string& members) {
  return R"({"email":"ann@example.com","timestamp":1795427940,"sg_message_id":"abc-1.recvd-7c5-x.0","message_id":")" +
         id + R"(","attempt":"2",)" + members + "}";
}

std::string ses_event(const std::string& type, const std::string& members) {
  return R"({"eventType":")" + type + R"(","mail":{"messageId":"ses-1","tags":{"message_id":[")" + id +
         R"("],"attempt":["2"],"ses:operation":["SendEmail"]}},)" + members + "}";
}

std::string ses_bounce(const std::string& type, const std::string& subtype) {
  return ses_event("Bounce",
                   R"("bounce":{"bounceType":")" + type + R"(","bounceSubType":")" + subtype +
                       R"(","bouncedRecipients":[{"emailAddress":"ann@example.com","status":"5.1.1","diagnosticCode":)"
                       R"("smtp; 550 <ann@example.com>"}],"timestamp":"2026-11-23T09:59:00.500Z"})");
}

}  // namespace

TEST_CASE("read receipts: Postmark's delivery") {
  const Receipt receipt = only(postmark_says(
      R"({"RecordType":"Delivery","MessageID":"pm-1","Recipient":"ann@example.com","DeliveredAt":"2026-11-23T04:59:00-05:00",)"
      R"("Details":"250 2.0.0 OK",)" +
      metadata + "}"));
  CHECK(receipt.kind == ReceiptKind::DELIVERED);
  CHECK(receipt.provider == "postmark");
  CHECK(receipt.channel == events::Channel::EMAIL);
  CHECK(receipt.message_id == id);
  CHECK(receipt.attempt == 2);
  CHECK(receipt.provider_message_id == "pm-1");
  CHECK(receipt.suppress == SuppressReason::NONE);
  CHECK(receipt.reason.empty());
  CHECK(receipt.occurred_at == *from_rfc3339("2026-11-23T09:59:00Z"));
}

TEST_CASE("read receipts: Postmark's bounces by type") {
  struct Row {
    const char* type;
    ReceiptKind kind;
    SuppressReason suppress;
    const char* reason;
  };
  for (const Row& row :
       {Row{"HardBounce", ReceiptKind::BOUNCED, SuppressReason::HARD_BOUNCE, "HARD_BOUNCE"},
        {"BadEmailAddress", ReceiptKind::BOUNCED, SuppressReason::HARD_BOUNCE, "BAD_EMAIL_ADDRESS"},
        {"ManuallyDeactivated", ReceiptKind::UNDELIVERED, SuppressReason::HARD_BOUNCE, "MANUALLY_DEACTIVATED"},
        {"SpamComplaint", ReceiptKind::COMPLAINED, SuppressReason::COMPLAINT, "SPAM_COMPLAINT"},
        {"Unsubscribe", ReceiptKind::UNSUBSCRIBED, SuppressReason::UNSUBSCRIBE, "UNSUBSCRIBE"},
        {"SoftBounce", ReceiptKind::UNDELIVERED, SuppressReason::NONE, "SOFT_BOUNCE"},
        {"Transient", ReceiptKind::UNDELIVERED, SuppressReason::NONE, "TRANSIENT"},
        {"DMARCPolicy", ReceiptKind::UNDELIVERED, SuppressReason::NONE, "DMARCPOLICY"},
        {"SomethingNew", ReceiptKind::UNDELIVERED, SuppressReason::NONE, "SOMETHING_NEW"}}) {
    INFO(row.type);
    const Receipt receipt = only(postmark_says(postmark_bounce(row.type)));
    CHECK(receipt.kind == row.kind);
    CHECK(receipt.suppress == row.suppress);
    CHECK(receipt.reason == row.reason);
    CHECK(receipt.provider_code == "4096");
    CHECK(receipt.detail == "550 *** ***");
    CHECK(receipt.recipient == "Ann@Example.com");
  }
  CHECK(only(postmark_says(postmark_bounce("Blocked", R"("Inactive":true,)"))).suppress == SuppressReason::HARD_BOUNCE);
  for (const char* reply : {"AutoResponder", "AddressChange", "Subscribe", "OpenRelayTest", "ChallengeVerification"}) {
    const auto read = postmark_says(postmark_bounce(reply));
    CHECK(read->receipts.empty());
    CHECK(read->nothing_new == 1);
  }
}

TEST_CASE("read receipts: Postmark's complaints and changed subscriptions") {
  CHECK(only(postmark_says(R"({"RecordType":"SpamComplaint","Type":"SpamComplaint","Email":"ann@example.com",)" +
                           metadata + "}"))
            .kind == ReceiptKind::COMPLAINED);
  const auto change = [](const std::string& members) {
    return postmark_says(R"({"RecordType":"SubscriptionChange","Recipient":"ann@example.com",)" + members + metadata +
                         "}");
  };
  const Receipt own =
      only(change(R"("SuppressSending":true,"SuppressionReason":"ManualSuppression","Origin":"Recipient",)"));
  CHECK(own.kind == ReceiptKind::UNSUBSCRIBED);
  CHECK(own.suppress == SuppressReason::UNSUBSCRIBE);
  CHECK(own.recipient == "ann@example.com");
  CHECK(only(change(R"("SuppressSending":true,"SuppressionReason":"HardBounce",)")).kind == ReceiptKind::BOUNCED);
  CHECK(only(change(R"("SuppressSending":true,"SuppressionReason":"SpamComplaint",)")).kind == ReceiptKind::COMPLAINED);
  CHECK(change(R"("SuppressSending":false,)")->nothing_new == 1);
}

TEST_CASE("read receipts: what is not ours or says nothing new is counted, what is malformed refused") {
  CHECK(postmark_says(R"({"RecordType":"Open","Metadata":{}})")->nothing_new == 1);
  CHECK(postmark_says(R"({"RecordType":"Delivery"})")->foreign == 1);
  CHECK(postmark_says(R"({"RecordType":"Delivery","Metadata":{"message_id":"order-1"}})")->foreign == 1);
  CHECK(postmark_says(R"({"RecordType":"Delivery","Metadata":null})")->foreign == 1);
  for (const char* body : {"", "null", "[]", "{", R"({"RecordType":7})", R"({"MessageID":"x"})", "{}{}"}) {
    INFO(body);
    const auto read = postmark_says(body);
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == "MALFORMED_RECEIPT");
  }
  CHECK_FALSE(postmark_says("{\"RecordType\":\"\xff\"}").ok());
  CHECK_FALSE(sendgrid_says("{}").ok());
  CHECK_FALSE(sendgrid_says("[").ok());
  CHECK_FALSE(ses_says("[]").ok());
  CHECK_FALSE(ses_says("{}").ok());
  CHECK_FALSE(ses_says(R"({"eventType":"Delivery"})").ok());
  CHECK_FALSE(ses_says(R"({"eventType":"Delivery","mail":{}})").ok());
}

TEST_CASE("read receipts: a batch of SendGrid's holds events of every kind") {
  struct Row {
    const char* members;
    ReceiptKind kind;
    SuppressReason suppress;
    const char* reason;
  };
  const Row rows[] = {
      {R"("event":"delivered","response":"250 OK")", ReceiptKind::DELIVERED, SuppressReason::NONE, ""},
      {R"("event":"bounce","type":"bounce","status":"5.1.1","reason":"550 no")", ReceiptKind::BOUNCED,
       SuppressReason::HARD_BOUNCE, "HARD_BOUNCE"},
      {R"("event":"bounce","type":"blocked","reason":"421 later")", ReceiptKind::UNDELIVERED, SuppressReason::NONE,
       "BLOCKED"},
      {R"("event":"dropped","reason":"Bounced Address")", ReceiptKind::UNDELIVERED, SuppressReason::HARD_BOUNCE,
       "DROPPED_BOUNCED_ADDRESS"},
      {R"("event":"dropped","reason":"Unsubscribed Address")", ReceiptKind::UNDELIVERED, SuppressReason::UNSUBSCRIBE,
       "DROPPED_UNSUBSCRIBED_ADDRESS"},
      {R"("event":"dropped","reason":"Spam Reporting Address")", ReceiptKind::UNDELIVERED, SuppressReason::COMPLAINT,
       "DROPPED_SPAM_REPORTING_ADDRESS"},
      {R"("event":"dropped","reason":"Spam Content")", ReceiptKind::UNDELIVERED, SuppressReason::NONE, "DROPPED"},
      {R"("event":"spamreport")", ReceiptKind::COMPLAINED, SuppressReason::COMPLAINT, "SPAM_COMPLAINT"},
      {R"("event":"unsubscribe")", ReceiptKind::UNSUBSCRIBED, SuppressReason::UNSUBSCRIBE, "UNSUBSCRIBED"},
      {R"("event":"group_unsubscribe","asm_group_id":1)", ReceiptKind::UNSUBSCRIBED, SuppressReason::UNSUBSCRIBE,
       "UNSUBSCRIBED"},
  };
  std::string body = "[";
  for (const Row& row : rows) body += sendgrid_event(row.members) + ",";
  for (const char* event : {"processed", "deferred", "open", "click", "group_resubscribe", "account_status_change"}) {
    body += sendgrid_event(std::string(R"("event":")") + event + "\"") + ",";
  }
  body += R"({"event":"delivered","email":"x@example.com"}])";
  const auto read = sendgrid_says(body);
  REQUIRE(read.ok());
  CHECK(read->nothing_new == 6);
  CHECK(read->foreign == 1);
  REQUIRE(read->receipts.size() == std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    INFO(rows[i].members);
    const Receipt& receipt = read->receipts[i];
    CHECK(receipt.kind == rows[i].kind);
    CHECK(receipt.suppress == rows[i].suppress);
    CHECK(receipt.reason == rows[i].reason);
    CHECK(receipt.attempt == 2);
    CHECK(receipt.provider_message_id == "abc-1");
    CHECK(receipt.recipient.empty() == (rows[i].suppress == SuppressReason::NONE));
  }
  CHECK(read->receipts[0].occurred_at == *from_rfc3339("2026-11-23T09:59:00Z"));
  CHECK(read->receipts[1].provider_code == "5.1.1");
}

TEST_CASE("read receipts: what can't be read of a batch of SendGrid's holds up none of its other events") {
  const std::string bounce = sendgrid_event(
      "\"event\":\"bounce\",\"reason\":\"550 Gr\xFC\xDF"
      "e\"");
  const auto read =
      sendgrid_says(R"([7,{},{"event":7},{"email":"a@example.com"},)" + sendgrid_event(R"("event":"delivered")") + "," +
                    bounce + ",{\"event\":\"bounce\",\"email\":\"\xFF@example.com\"},null]");
  REQUIRE(read.ok());
  CHECK(read->malformed == 6);
  REQUIRE(read->receipts.size() == 2);
  CHECK(read->receipts[0].kind == ReceiptKind::DELIVERED);
  CHECK(read->receipts[1].kind == ReceiptKind::BOUNCED);
  CHECK(read->receipts[1].detail == "550 Gr??e");
}

TEST_CASE("read receipts: a provider's words repeat neither the recipient nor what stands before its @") {
  const auto detail = [](const std::string& email, const std::string& words) {
    return only(postmark_says(R"({"RecordType":"Bounce","Type":"HardBounce","Email":")" + email + R"(","Details":")" +
                              words + R"(",)" + metadata + "}"))
        .detail;
  };
  CHECK(detail("ann.lee@example.com", "550 mailbox ann.lee is full") == "550 mailbox *** is full");
  CHECK(detail("ann.lee@example.com", "<ann.lee>: unknown") == "<***>: unknown");
  CHECK(detail("bob@example.com", "bob is unknown") == "bob is unknown");  // too short a word to hide
  CHECK(only(sendgrid_says("[" + sendgrid_event(R"("event":"bounce","reason":"550 annemarie","email":"x")") + "]"))
            .detail == "550 annemarie");
  CHECK(only(sendgrid_says(
                 R"([{"email":"annemarie@example.com","event":"bounce","reason":"550 annemarie","message_id":")" + id +
                 R"("}])"))
            .detail == "550 ***");
  CHECK(
      only(ses_says(R"({"eventType":"Reject","reject":{"reason":"to annemarie"},"mail":{"messageId":"s","destination":)"
                    R"(["annemarie@example.com"],"tags":{"message_id":[")" +
                    id + R"("]}}})"))
          .detail == "to ***");
}

TEST_CASE("read receipts: SES's bounces by type and subtype") {
  const Receipt hard = only(ses_says(ses_bounce("Permanent", "General")));
  CHECK(hard.kind == ReceiptKind::BOUNCED);
  CHECK(hard.suppress == SuppressReason::HARD_BOUNCE);
  CHECK(hard.reason == "PERMANENT_GENERAL");
  CHECK(hard.provider_code == "5.1.1");
  CHECK(hard.detail.find("ann@") == std::string::npos);
  CHECK(hard.message_id == id);
  CHECK(hard.attempt == 2);
  CHECK(hard.provider_message_id == "ses-1");
  CHECK(hard.occurred_at == *from_rfc3339("2026-11-23T09:59:00.5Z"));
  const Receipt full = only(ses_says(ses_bounce("Transient", "MailboxFull")));
  CHECK(full.kind == ReceiptKind::UNDELIVERED);
  CHECK(full.suppress == SuppressReason::NONE);
  CHECK(full.reason == "TRANSIENT_MAILBOX_FULL");
  CHECK(only(ses_says(ses_bounce("Undetermined", "Undetermined"))).kind == ReceiptKind::UNDELIVERED);
  CHECK(ses_says(ses_bounce("Transient", "General"))->nothing_new == 1);  // may be an answer from a holiday
}

TEST_CASE("read receipts: SES's other events") {
  CHECK(only(ses_says(
                 ses_event("Delivery", R"("delivery":{"timestamp":"2026-11-23T09:59:00Z","smtpResponse":"250 ok"})")))
            .kind == ReceiptKind::DELIVERED);
  const auto complaint = [](const std::string& members) {
    return ses_says(
        ses_event("Complaint", R"("complaint":{"complainedRecipients":[{"emailAddress":"ann@example.com"}],)" +
                                   members + R"("timestamp":"2026-11-23T09:59:00Z"})"));
  };
  const Receipt abuse = only(complaint(R"("complaintFeedbackType":"abuse",)"));
  CHECK(abuse.kind == ReceiptKind::COMPLAINED);
  CHECK(abuse.suppress == SuppressReason::COMPLAINT);
  CHECK(abuse.recipient == "ann@example.com");
  const Receipt not_tried = only(complaint(R"("complaintSubType":"OnAccountSuppressionList",)"));
  CHECK(not_tried.kind == ReceiptKind::UNDELIVERED);
  CHECK(not_tried.suppress == SuppressReason::COMPLAINT);
  CHECK(complaint(R"("complaintFeedbackType":"not-spam",)")->nothing_new == 1);
  CHECK(only(ses_says(ses_event("Reject", R"("reject":{"reason":"Bad content"})"))).reason == "REJECTED");
  for (const char* type : {"Send", "DeliveryDelay", "Open", "Click", "Subscription"}) {
    CHECK(ses_says(ses_event(type, R"("x":{})"))->nothing_new == 1);
  }
  CHECK(ses_says("Successfully validated SNS topic for Amazon SES event publishing.")->nothing_new == 1);
}

TEST_CASE(
    "read receipts: SES's notifications of an identity name no message of ours, another sender's tags do neither") {
  const Receipt plain = only(ses_says(
      R"({"notificationType":"Delivery","mail":{"messageId":"ses-1"},"delivery":{"timestamp":"2026-11-23T09:59:00Z"}})"));
  CHECK(plain.message_id.empty());
  CHECK(plain.provider_message_id == "ses-1");
  CHECK(ses_says(R"({"eventType":"Delivery","mail":{"messageId":"x","tags":{"message_id":["order-1"]}}})")->foreign ==
        1);
}

TEST_CASE(
    "read receipts: STOP written alone, or said by Twilio's own opt-out, suppresses the number; other answers do not") {
  const auto says = [](const std::string& body, const std::string& type = {},
                       const std::string& from = "+447700900123") {
    std::vector<std::pair<std::string, std::string>> form{{"MessageSid", "SM2"}, {"From", from}, {"Body", body}};
    if (!type.empty()) form.emplace_back("OptOutType", type);
    return twilio::read_answer(form, now);
  };
  for (const char* word :
       {"STOP", "stop", " Stop. ", "unsubscribe", "Cancel", "END\r\n", "quit!", "StopAll", "revoke", "OptOut"}) {
    INFO(word);
    const Receipt receipt = only(says(word));
    CHECK(receipt.about_recipient_alone);
    CHECK(receipt.suppress == SuppressReason::STOP);
    CHECK(receipt.recipient == "+447700900123");
    CHECK(receipt.channel == events::Channel::SMS);
    CHECK(receipt.message_id.empty());
  }
  CHECK(only(says("arrêt", "STOP")).suppress == SuppressReason::STOP);
  for (const char* text : {"", "!", "START", "stop it", "please stop", "yes"}) {
    INFO(text);
    CHECK(says(text)->nothing_new == 1);
    CHECK(says(text)->receipts.empty());
  }
  CHECK(says("STOP", "HELP")->nothing_new == 1);  // Twilio has decided
  CHECK(says("STOP", "", "whatsapp:+447700900123")->nothing_new == 1);
  CHECK_FALSE(says("STOP", "", ""));
}

TEST_CASE("read receipts: Twilio's statuses") {
  const std::map<std::string, std::string> query{{"message_id", id}, {"attempt", "2"}};
  const auto says = [&](const std::string& status, const std::string& code = {}) {
    const std::vector<std::pair<std::string, std::string>> form{
        {"MessageSid", "SM1"}, {"MessageStatus", status}, {"ErrorCode", code}, {"To", "+447700900123"}};
    return twilio::read_receipts(form, query, now);
  };
  CHECK(only(says("delivered")).kind == ReceiptKind::DELIVERED);
  CHECK(only(says("delivered")).channel == events::Channel::SMS);
  const Receipt unknown = only(says("undelivered", "30005"));
  CHECK(unknown.kind == ReceiptKind::UNDELIVERED);
  CHECK(unknown.suppress == SuppressReason::NONE);
  CHECK(unknown.provider_code == "30005");
  CHECK(unknown.attempt == 2);
  CHECK(only(says("failed", "30006")).suppress == SuppressReason::NONE);
  const Receipt stop = only(says("failed", "21610"));
  CHECK(stop.suppress == SuppressReason::STOP);
  CHECK(stop.recipient == "+447700900123");
  for (const char* status : {"accepted", "scheduled", "queued", "sending", "sent", "canceled"}) {
    CHECK(says(status)->nothing_new == 1);
  }
  CHECK(twilio::read_receipts({}, query, now).error().code == "MALFORMED_RECEIPT");
  const std::vector<std::pair<std::string, std::string>> form{{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}};
  CHECK(twilio::read_receipts(form, {}, now)->foreign == 1);
}

TEST_CASE("read receipts: a provider's words are cut and cleaned") {
  CHECK(receipt_word(std::string(300, 'x')).size() == receipt_word_chars_max);
  CHECK(receipt_word("a\r\nb\xff") == "a  b\xEF\xBF\xBD");
  CHECK(receipt_reason("MailboxFull") == "MAILBOX_FULL");
  CHECK(receipt_reason("not-spam (x)") == "NOT_SPAM__X_");
  CHECK(receipt_reason(std::string(100, 'a')).size() == receipt_reason_chars_max);
}

TEST_CASE("receipt settings: a webhook is there when all it needs is set") {
  const auto read = [](service::Environment environment) {
    service::Settings settings(std::move(environment));
    auto out = ReceiptSettings::read(settings);
    settings.finish();
    return out;
  };
  CHECK(read({}).configured().empty());
  CHECK(read({{"POSTMARK_WEBHOOK_TOKEN", "t"}}).postmark());
  CHECK(read({{"POSTMARK_WEBHOOK_USER", "u"}, {"POSTMARK_WEBHOOK_PASSWORD", "p"}}).postmark());
  CHECK_FALSE(read({{"TWILIO_AUTH_TOKEN", "t"}}).twilio());
  CHECK(read({{"TWILIO_AUTH_TOKEN", "t"}, {"CARILLON_PUBLIC_URL", "https://bell.example.com/"}}).twilio_status_url ==
        "https://bell.example.com/api/webhooks/twilio/status");
  CHECK(read({{"TWILIO_AUTH_TOKEN", "t"},
              {"TWILIO_STATUS_CALLBACK_URL", "https://a.example.com/b"},
              {"CARILLON_PUBLIC_URL", "https://bell.example.com"}})
            .twilio_status_url == "https://a.example.com/b");
  CHECK(read({{"POSTMARK_WEBHOOK_TOKEN", "new, old"}}).postmark_tokens == std::vector<std::string>{"new", "old"});
  CHECK(read({{"TWILIO_AUTH_TOKEN", "new,old"}}).twilio_tokens == std::vector<std::string>{"new", "old"});
  const auto users = read({{"POSTMARK_WEBHOOK_USER", "u"}, {"POSTMARK_WEBHOOK_PASSWORD", "new,old"}}).postmark_users;
  REQUIRE(users.size() == 2);
  CHECK(users[0].password == "new");
  CHECK(users[1].name == "u");
  CHECK(users[1].password == "old");
  CHECK_THROWS_AS(read({{"POSTMARK_WEBHOOK_TOKEN", "a,b,c"}}), service::SettingsError);
  const auto ses = read({{"SES_WEBHOOK_TOPIC_ARNS", "arn:aws:sns:eu-west-1:1:a, arn:aws-cn:sns:cn-north-1:1:b"}});
  CHECK(ses.ses_topic_arns.size() == 2);
  CHECK(ses.sns_trust.has_value());
  CHECK_THROWS_AS(read({{"POSTMARK_WEBHOOK_USER", "u"}}), service::SettingsError);
  CHECK_THROWS_AS(read({{"POSTMARK_WEBHOOK_USER", "u:v"}, {"POSTMARK_WEBHOOK_PASSWORD", "p"}}), service::SettingsError);
  CHECK_THROWS_AS(read({{"SES_WEBHOOK_TOPIC_ARNS", "ses-events"}}), service::SettingsError);
  CHECK_THROWS_AS(read({{"SNS_TRUST_STORE_FILE", "/nowhere.pem"}}), service::SettingsError);
  CHECK_THROWS_AS(read({{"SENDGRID_WEBHOOK_PUBLIC_KEY", "bm8ga2V5"}}), service::SettingsError);
}

TEST_CASE("sns certificates: for the sandbox the address of SNS is replaced, path and query stay") {
  CHECK(at_base("", "https://sns.eu-west-1.amazonaws.com/a.pem") == "https://sns.eu-west-1.amazonaws.com/a.pem");
  CHECK(at_base("http://127.0.0.1:8025", "https://sns.eu-west-1.amazonaws.com/a.pem") == "http://127.0.0.1:8025/a.pem");
  CHECK(at_base("http://127.0.0.1:8025", "https://sns.eu-west-1.amazonaws.com/?Action=C&Token=1") ==
        "http://127.0.0.1:8025/?Action=C&Token=1");
  CHECK(at_base("http://127.0.0.1:8025", "https://sns.eu-west-1.amazonaws.com") == "http://127.0.0.1:8025/");
}
