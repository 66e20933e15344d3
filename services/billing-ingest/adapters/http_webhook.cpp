#include "billing-ingest/adapters/http_webhook.hpp"

#include <memory>

#include "security/webhooks/stripe_signature.hpp"

namespace carillon::billing {
namespace {

namespace webhooks = security::webhooks;

constexpr const char* retry_after_seconds = "5";

http::Response try_again(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", retry_after_seconds);
  return response;
}

http::Response answer_to(Stored stored) {
  switch (stored) {
    case Stored::STORED:
      return http::json(200, R"({"received":true})");
    case Stored::UNAVAILABLE:
      return try_again("DATABASE_UNAVAILABLE", "the event may not be stored; send it again");
    default:
      return http::problem(500, "INTERNAL_ERROR", "the event could not be stored");
  }
}

}  // namespace

void HttpWebhook::routes(http::Router& router) {
  router.add_async(http::Method::POST, "/api/webhooks/stripe", [this](http::Request&& request, http::Reply reply) {
    on_post(std::move(request), std::move(reply));
  });
}

void HttpWebhook::refuse(int status, std::string_view code, const char* detail, http::Reply& reply) {
  refusals_.refused(code);
  reply(http::problem(status, code, detail));
}

void HttpWebhook::on_post(http::Request&& request, http::Reply reply) {
  if (settings_.webhook_secrets.empty())
    return refuse(503, "STRIPE_WEBHOOK_NOT_CONFIGURED",
                  "STRIPE_WEBHOOK_SECRET is not set, so nobody can tell that this is Stripe's", reply);
  const auto verdict = webhooks::verify_stripe(http::field(request.headers, "Stripe-Signature"), request.body,
                                               settings_.webhook_secrets, clock_.now());
  if (verdict != webhooks::Verdict::VALID) {
    refusals_.refused(webhooks::word(verdict));
    return reply(http::problem(
        400, "INVALID_SIGNATURE",
        "Stripe-Signature does not prove that Stripe sent this lately: " + std::string(webhooks::word(verdict))));
  }
  auto head = read_head(request.body);
  if (!head) return refuse(400, "MALFORMED_EVENT", head.error().detail.c_str(), reply);
  const auto waiting = std::make_shared<http::Reply>(std::move(reply));
  StripePost post{std::move(*head), std::move(request.body),
                  [waiting](Stored stored) { (*waiting)(answer_to(stored)); }};
  if (!store_.offer(std::move(post)))
    (*waiting)(try_again("WEBHOOK_QUEUE_FULL", "too many events wait to be stored; send this one again"));
}

}  // namespace carillon::billing
