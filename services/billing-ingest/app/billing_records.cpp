#include "billing-ingest/app/billing_records.hpp"

#include "billing-ingest/core/mail_dates.hpp"
#include "events/cloud_events.hpp"
#include "http/message.hpp"
#include "values/message_id.hpp"

namespace carillon::billing {
namespace {

constexpr std::string_view send_request_type = "carillon.send-request.v1";
constexpr const char* unnamed_plan = "current";  // SUBSCRIPTION_CONFIRMED needs a word where the price is none of ours

// The variables of a mail: what is not known is left out.
class Variables {
 public:
  void text(const char* name, const std::string& value) {
    if (!value.empty()) raw(name, http::json_string(value));
  }
  void number(const char* name, int value) { raw(name, std::to_string(value)); }
  std::string written() const { return "{" + members_ + "}"; }

 private:
  void raw(const char* name, const std::string& json) {
    members_.append(members_.empty() ? "\"" : ",\"").append(name).append("\":").append(json);
  }
  std::string members_;
};

void publish_request(bus::Outbox& out, const events::SendRequest& request, std::string key, UtcTime now) {
  out.publish(bus::topics::send_requests,
              {std::move(key), events::binary_headers(send_request_type, event_source, request.idempotency_key, now),
               events::to_json(request)});
}

std::string date(const std::optional<UtcTime>& time, const std::string& locale) {
  return time ? date_text(*time, locale) : std::string{};
}

struct MailParts {
  std::string template_key, idempotency_key;
  Variables variables{};
};

MailParts payment_failed(const StripeEvent& event, const std::string& locale, const std::string& page_url) {
  MailParts mail{"PAYMENT_FAILED", event.head.id + "/PAYMENT_FAILED"};
  const std::string amount = event.amount ? to_text(*event.amount) : std::string{};
  mail.variables.text("amount", amount.empty() ? "your subscription" : amount);
  mail.variables.text("next_attempt", date(event.next_attempt, locale));
  mail.variables.text("update_url", page_url.empty() ? event.invoice_url : page_url);
  return mail;
}

MailParts confirmed(const StripeEvent& event, const Decision& decision, const Subscription& of,
                    const std::string& locale) {
  MailParts mail{"SUBSCRIPTION_CONFIRMED", of.subscription_id + "/" + decision.period + "/SUBSCRIPTION_CONFIRMED"};
  mail.variables.text("plan", of.plan.empty() ? unnamed_plan : of.plan);
  if (event.amount && event.amount->smallest_units != 0) mail.variables.text("amount", to_text(*event.amount));
  mail.variables.text("period_end", date(event.period_end ? event.period_end : of.period_end, locale));
  mail.variables.text("invoice_url", event.invoice_url);
  return mail;
}

MailParts canceled(const StripeEvent& event, const Subscription& of, const std::string& locale,
                   const std::string& page_url) {
  MailParts mail{"SUBSCRIPTION_CANCELED", event.head.id + "/SUBSCRIPTION_CANCELED"};
  mail.variables.text("plan", of.plan);
  mail.variables.text("ends_on", date(event.ended_at ? event.ended_at : of.period_end, locale));
  mail.variables.text("restart_url", page_url);
  return mail;
}

void publish_alert(bus::Outbox& out, const EventHead& event, std::string idempotency_key, const std::string& error,
                   Variables variables, UtcTime now) {
  variables.text("event_id", event.id);
  variables.text("event_type", event.type);
  variables.text("error", error);
  events::SendRequest send;
  send.source = event_source;
  send.idempotency_key = std::move(idempotency_key);
  send.template_key = "STRIPE_WEBHOOK_FAILURE_ADMIN";
  send.variables.text = variables.written();
  send.accepted_at = now;
  send.context = events::Context{std::string(event_source), "a Stripe event needs a person"};
  publish_request(out, send, event.id, now);
}

}  // namespace

void publish_mail(bus::Outbox& out, const StripeEvent& event, const Decision& decision, const Subscription& of,
                  const std::optional<ClientFacts>& client, const std::string& page_url, UtcTime now) {
  const std::string locale = client ? client->locale : std::string{};
  MailParts mail = decision.mail == Mail::PAYMENT_FAILED           ? payment_failed(event, locale, page_url)
                   : decision.mail == Mail::SUBSCRIPTION_CONFIRMED ? confirmed(event, decision, of, locale)
                                                                   : canceled(event, of, locale, page_url);
  events::SendRequest send;
  send.source = event_source;
  send.idempotency_key = std::move(mail.idempotency_key);
  send.template_key = std::move(mail.template_key);
  send.client_id = of.client_id;
  send.recipient = client && !client->email.empty() ? client->email : of.email;
  send.variables.text = mail.variables.written();
  send.accepted_at = now;
  send.context = events::Context{std::string(event_source), event.head.type};
  send.metadata = {{"stripe_event", event.head.id}};
  publish_request(out, send, of.client_id, now);
}

void publish_failure_alert(bus::Outbox& out, const EventHead& event, const std::string& error, int attempts,
                           UtcTime now) {
  Variables variables;
  variables.text("replay", event.id);
  if (attempts > 0) variables.number("attempts", attempts);
  publish_alert(out, event, event.id + "/STRIPE_WEBHOOK_FAILURE_ADMIN", error.empty() ? "unknown" : error,
                std::move(variables), now);
}

void publish_money_alert(bus::Outbox& out, const EventHead& event, const std::string& alarm, const std::string& what,
                         UtcTime now) {
  publish_alert(out, event, event.id + "/" + alarm, alarm + ": " + what, {}, now);
}

void publish_billing_event(bus::Outbox& out, const events::BillingEvent& event, UtcTime now) {
  out.publish(bus::topics::billing_events,
              {event.client_id,
               events::binary_headers("carillon.billing-event.v1", event_source,
                                      event.client_id + "/" + std::to_string(event.version), now),
               events::to_json(event)});
}

void publish_audit(bus::Outbox& out, AuditFacts facts, UtcTime now, std::string_view traceparent) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = facts.action;
  audit.actor = facts.actor;
  audit.subject_kind = facts.subject_kind;
  audit.subject_id = facts.subject_id;
  audit.client_id = facts.client_id;
  audit.outcome = facts.outcome;
  audit.reason = facts.reason;
  audit.details = std::move(facts.details);
  out.publish(
      bus::topics::audit,
      {audit.subject_id, events::binary_headers("carillon.audit.v1", event_source, audit.event_id, now, traceparent),
       events::to_json(audit)});
}

}  // namespace carillon::billing
