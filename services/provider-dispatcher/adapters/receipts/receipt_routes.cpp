#include "provider-dispatcher/adapters/receipts/receipt_routes.hpp"

#include <algorithm>
#include <mutex>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/receipts/postmark.hpp"
#include "provider-dispatcher/adapters/receipts/sendgrid.hpp"
#include "provider-dispatcher/adapters/receipts/ses.hpp"
#include "provider-dispatcher/adapters/receipts/twilio.hpp"
#include "security/digest.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "security/webhooks/verdict.hpp"
#include "service/log.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {

namespace webhooks = security::webhooks;
using webhooks::SnsMessage;
using webhooks::Verdict;

namespace {

constexpr const char* retry_after_seconds = "5";
constexpr std::chrono::seconds confirmation_timeout{5};
constexpr std::size_t confirmation_bytes_max = 64 * 1024;

http::Response done() {
  return http::json(200, "{}");
}

http::Response no_reply() {
  http::Response response;
  response.content_type = "text/xml";
  response.body = "<Response/>";
  return response;
}

std::string_view parameter(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string_view{} : std::string_view(found->second);
}

std::string with_query_of(const std::string& url, const std::string& target) {
  const std::size_t mark = target.find('?');
  return mark == std::string::npos ? url : url + target.substr(mark);
}

}  // namespace

ReceiptRoutes::ReceiptRoutes(ReceiptSettings settings, ReceiptRouteParts parts)
    : settings_(std::move(settings)),
      parts_(parts),
      postmark_(source("postmark", postmark_body_bytes_max)),
      sendgrid_(source("sendgrid", sendgrid_body_bytes_max)),
      ses_(source("ses", sns_body_bytes_max)),
      twilio_(source("twilio", twilio_body_bytes_max)),
      sns_policy_{settings_.ses_topic_arns},
      here_(std::make_shared<Here>()) {
  here_->routes = this;
  if (settings_.ses() && settings_.sns_trust) {
    certificates_ =
        std::make_shared<SnsCertificates>(parts_.http, *settings_.sns_trust, settings_.sns_base_url, parts_.clock);
  }
}

ReceiptRoutes::~ReceiptRoutes() {
  const std::unique_lock lock(here_->mutex);
  here_->routes = nullptr;
}

ReceiptRoutes::Source ReceiptRoutes::source(std::string_view provider, std::size_t body_bytes_max) {
  const auto counter = [&](const char* kind) {
    return parts_.metrics.counter("carillon_receipts_total", "Receipts that were stored, and events that are none.",
                                  {{"provider", std::string(provider)}, {"kind", kind}});
  };
  return {provider, body_bytes_max, counter("NOTHING_NEW"), counter("FOREIGN"), counter("MALFORMED")};
}

void ReceiptRoutes::add_to(http::Router& router) {
  router.add_async(http::Method::POST, "/api/webhooks/postmark", [this](http::Request&& request, http::Reply reply) {
    from_postmark(std::move(request), std::move(reply));
  });
  router.add_async(http::Method::POST, "/api/webhooks/sendgrid", [this](http::Request&& request, http::Reply reply) {
    from_sendgrid(std::move(request), std::move(reply));
  });
  router.add_async(http::Method::POST, "/api/webhooks/ses", [this](http::Request&& request, http::Reply reply) {
    from_ses(std::move(request), std::move(reply));
  });
  router.add_async(
      http::Method::POST, "/api/webhooks/twilio/status",
      [this](http::Request&& request, http::Reply reply) { from_twilio(std::move(request), std::move(reply)); });
  router.add_async(
      http::Method::POST, "/api/webhooks/twilio/answers",
      [this](http::Request&& request, http::Reply reply) { answered_to_twilio(std::move(request), std::move(reply)); });
}

bool ReceiptRoutes::turned_away(const Source& source, bool configured, const http::Request& request,
                                http::Reply& reply) {
  if (!configured) {
    parts_.refusals.refused(source.provider, webhooks::word(Verdict::NOT_CONFIGURED), "its settings are missing");
    reply(http::problem(404, "WEBHOOK_NOT_CONFIGURED", "the webhook of this provider is not set up here"));
    return true;
  }
  if (request.body.size() <= source.body_bytes_max) return false;
  parts_.refusals.refused(source.provider, "TOO_LARGE",
                          "the body has " + std::to_string(request.body.size()) + " bytes");
  reply(http::problem(413, "REQUEST_TOO_LARGE", "a call of this provider is never that large"));
  return true;
}

void ReceiptRoutes::refuse(const Source& source, std::string_view reason, http::Reply& reply, std::string_view detail) {
  parts_.refusals.refused(source.provider, reason,
                          detail.empty() ? "the call does not prove that it is the provider's" : detail);
  reply(http::problem(403, "WEBHOOK_REFUSED", std::string("this call is not believed: ") + std::string(reason)));
}

void ReceiptRoutes::ask_for_credentials(const Source& source, http::Reply& reply) {
  parts_.refusals.refused(source.provider, webhooks::word(Verdict::MISSING), "the call holds no token and no password");
  http::Response response = http::problem(401, "WEBHOOK_REFUSED", "this call holds no token and no password");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"webhooks\"");
  reply(std::move(response));
}

void ReceiptRoutes::try_later(const Source& source, std::string_view reason, http::Reply& reply,
                              std::string_view detail) {
  parts_.refusals.refused(source.provider, reason, detail.empty() ? "the provider is to come again" : detail);
  http::Response response = http::problem(503, reason, "not stored; send it again");
  response.headers.emplace_back("Retry-After", retry_after_seconds);
  reply(std::move(response));
}

// In the form in which the orchestrator has hashed the address: numbers as they are, domains in lower case.
void ReceiptRoutes::hash_recipients(std::vector<Receipt>& receipts) const {
  for (Receipt& receipt : receipts) {
    if (!receipt.recipient.empty() && receipt.suppress != SuppressReason::NONE) {
      auto email = parse_email(receipt.recipient);
      receipt.recipient_hash = parts_.sealer.reference(email ? *email : receipt.recipient);
    }
    receipt.recipient.clear();
  }
}

void ReceiptRoutes::take(const Source& source, Result<ReadReceipts> read, http::Reply reply, http::Response taken_as) {
  if (!read) {
    parts_.refusals.refused(source.provider, read.error().code, read.error().detail);
    return reply(http::problem(400, read.error().code, read.error().detail));
  }
  if (read->nothing_new > 0) source.nothing_new.add(read->nothing_new);
  if (read->foreign > 0) source.foreign.add(read->foreign);
  if (read->malformed > 0) source.malformed.add(read->malformed);
  if (read->receipts.empty()) return reply(std::move(taken_as));
  hash_recipients(read->receipts);
  const auto shared = std::make_shared<http::Reply>(std::move(reply));
  ReceiptPost post;
  post.receipts = std::move(read->receipts);
  post.answer = [this, &source, shared, taken_as = std::move(taken_as)](Taken taken) mutable {
    if (taken == Taken::STORED) return (*shared)(std::move(taken_as));
    if (taken == Taken::UNAVAILABLE) return try_later(source, "DATABASE_UNAVAILABLE", *shared);
    (*shared)(http::problem(500, "INTERNAL_ERROR", "the receipts could not be stored"));
  };
  if (!parts_.take.offer(std::move(post))) try_later(source, "RECEIPT_QUEUE_FULL", *shared);
}

void ReceiptRoutes::from_postmark(http::Request&& request, http::Reply reply) {
  if (turned_away(postmark_, settings_.postmark(), request, reply)) return;
  const std::string_view authorization = http::field(request.headers, "Authorization");
  const std::string_view token = parameter(request, "token");
  if (token.empty() && authorization.empty()) return ask_for_credentials(postmark_, reply);
  const bool by_token = !settings_.postmark_tokens.empty() && (!token.empty() || settings_.postmark_users.empty());
  const Verdict verdict = by_token ? webhooks::verify_postmark_token(token, settings_.postmark_tokens)
                                   : webhooks::verify_postmark_user(authorization, settings_.postmark_users);
  if (verdict != Verdict::VALID) return refuse(postmark_, webhooks::word(verdict), reply);
  take(postmark_, postmark::read_receipts(request.body, parts_.clock.now()), std::move(reply));
}

void ReceiptRoutes::from_sendgrid(http::Request&& request, http::Reply reply) {
  if (turned_away(sendgrid_, settings_.sendgrid(), request, reply)) return;
  const UtcTime now = parts_.clock.now();
  const Verdict verdict =
      webhooks::verify_sendgrid(http::field(request.headers, "X-Twilio-Email-Event-Webhook-Signature"),
                                http::field(request.headers, "X-Twilio-Email-Event-Webhook-Timestamp"), request.body,
                                settings_.sendgrid_keys, now, settings_.sendgrid_tolerance);
  if (verdict != Verdict::VALID) return refuse(sendgrid_, webhooks::word(verdict), reply);
  take(sendgrid_, sendgrid::read_receipts(request.body, now), std::move(reply));
}

// The form, when it is Twilio's; else the call was answered. A proxy may have changed scheme, host and path; what
// Twilio signed is the URL that it was given.
std::optional<std::vector<webhooks::FormField>> ReceiptRoutes::believed_form(const std::string& public_url,
                                                                             const http::Request& request,
                                                                             http::Reply& reply) {
  if (turned_away(twilio_, settings_.twilio() && !public_url.empty(), request, reply)) return std::nullopt;
  auto form = http::form_fields(request.body, twilio_fields_max);
  const Verdict verdict =
      form ? webhooks::verify_twilio(http::field(request.headers, "X-Twilio-Signature"),
                                     {with_query_of(public_url, request.target), *form, request.body},
                                     settings_.twilio_tokens)
           : Verdict::MALFORMED;
  if (verdict == Verdict::VALID) return form;
  refuse(twilio_, webhooks::word(verdict), reply);
  return std::nullopt;
}

void ReceiptRoutes::from_twilio(http::Request&& request, http::Reply reply) {
  const auto form = believed_form(settings_.twilio_status_url, request, reply);
  if (form) take(twilio_, twilio::read_receipts(*form, request.query, parts_.clock.now()), std::move(reply));
}

// Twilio takes the answer's body for what to answer the recipient; STOP it answers by itself.
void ReceiptRoutes::answered_to_twilio(http::Request&& request, http::Reply reply) {
  const auto form = believed_form(settings_.twilio_answers_url, request, reply);
  if (form) take(twilio_, twilio::read_answer(*form, parts_.clock.now()), std::move(reply), no_reply());
}

void ReceiptRoutes::from_ses(http::Request&& request, http::Reply reply) {
  if (turned_away(ses_, certificates_ != nullptr, request, reply)) return;
  auto message = webhooks::parse_sns_message(request.body);
  if (!message) {
    parts_.refusals.refused(ses_.provider, webhooks::word(Verdict::MALFORMED), message.error().detail);
    return reply(http::problem(400, "MALFORMED_RECEIPT", message.error().detail));
  }
  const Verdict screened = webhooks::screen_sns(*message, sns_policy_, parts_.clock.now());
  if (screened != Verdict::VALID) return refuse(ses_, webhooks::word(screened), reply);
  const std::string url = message->signing_cert_url;
  const auto held = std::make_shared<std::pair<SnsMessage, http::Reply>>(std::move(*message), std::move(reply));
  certificates_->get(url, [here = here_, held](const SnsCertificate& found) {
    const std::shared_lock lock(here->mutex);
    if (here->routes != nullptr) here->routes->with_certificate(held->first, found, std::move(held->second));
  });
}

void ReceiptRoutes::with_certificate(SnsMessage& message, const SnsCertificate& found, http::Reply reply) {
  if (!found.certificate) {
    return found.again ? try_later(ses_, found.refusal, reply, found.detail)
                       : refuse(ses_, found.refusal, reply, found.detail);
  }
  bool is_base64 = false;
  const std::string signature = security::from_base64(message.signature, is_base64);
  const Verdict verdict =
      found.certificate->verify(message.signature_version, webhooks::sns_signed_text(message), signature);
  if (verdict != Verdict::VALID) return refuse(ses_, webhooks::word(verdict), reply);
  if (message.type == webhooks::sns_notification) {
    return take(ses_, ses::read_receipts(message.message, parts_.clock.now()), std::move(reply));
  }
  if (message.type == webhooks::sns_subscription_confirmation) return confirm(message, std::move(reply));
  log::warn("sns_subscription_ended", {{"topic", message.topic_arn}});
  reply(done());
}

void ReceiptRoutes::confirm(const SnsMessage& message, http::Reply reply) {
  if (!webhooks::is_sns_url(message.subscribe_url)) {
    return refuse(ses_, webhooks::word(Verdict::BAD_CERTIFICATE_URL), reply);
  }
  http::Call call;
  call.method = http::Method::GET;
  call.url = at_base(settings_.sns_base_url, message.subscribe_url);
  call.timeout = confirmation_timeout;
  call.connect_timeout = confirmation_timeout;
  call.answer_bytes_max = confirmation_bytes_max;
  call.public_addresses_only = settings_.sns_base_url.empty();
  const auto shared = std::make_shared<http::Reply>(std::move(reply));
  parts_.http.call(std::move(call), [here = here_, shared, topic = message.topic_arn](const http::Answer& answer) {
    const std::shared_lock lock(here->mutex);
    ReceiptRoutes* routes = here->routes;
    if (routes == nullptr) return;
    if (answer.status != 200) return routes->try_later(routes->ses_, "NOT_CONFIRMED", *shared);
    log::info("sns_subscription_confirmed", {{"topic", topic}});
    (*shared)(done());
  });
}

}  // namespace carillon::dispatcher
