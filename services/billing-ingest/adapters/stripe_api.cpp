#include "billing-ingest/adapters/stripe_api.hpp"

#include <rapidjson/document.h>

#include "http/url.hpp"
#include "service/log.hpp"
#include "values/utf8.hpp"

namespace carillon::billing {
namespace {

constexpr std::size_t answer_bytes_max = 256 * 1024;
constexpr std::size_t error_chars_max = 300;

std::string text_in(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

// What Stripe says is wrong. Its messages cut keys down to their ends.
std::string error_of(const rapidjson::Document& answer) {
  if (!answer.IsObject()) return {};
  const auto error = answer.FindMember("error");
  if (error == answer.MemberEnd() || !error->value.IsObject()) return {};
  const std::string message = text_in(error->value, "message"), param = text_in(error->value, "param");
  return std::string(utf8_prefix(valid_utf8(message), error_chars_max)) + (param.empty() ? "" : " (" + param + ")");
}

bool is_worth_another_call(const http::Answer& answer) {
  if (answer.status != 0) return answer.status == 409 || answer.status == 429 || answer.status >= 500;
  return answer.error != http::CallError::BAD_CALL && answer.error != http::CallError::TLS &&
         answer.error != http::CallError::CANCELLED;
}

}  // namespace

Result<std::string> StripeApi::make_checkout_session(const CheckoutOrder& order, const std::string& idempotency_key) {
  http::Fields form{{"mode", "subscription"},
                    {"line_items[0][price]", order.price},
                    {"line_items[0][quantity]", "1"},
                    {"client_reference_id", order.client_id},
                    {"metadata[client_id]", order.client_id},
                    {"metadata[plan]", order.plan},
                    {"subscription_data[metadata][client_id]", order.client_id},
                    {"subscription_data[metadata][plan]", order.plan},
                    {"success_url", order.success_url},
                    {"cancel_url", order.cancel_url}};
  if (!order.customer_id.empty()) {
    form.emplace_back("customer", order.customer_id);
  } else if (!order.email.empty()) {
    form.emplace_back("customer_email", order.email);
  }
  return url_of_new("/v1/checkout/sessions", form, idempotency_key);
}

Result<std::string> StripeApi::make_portal_session(const std::string& customer_id, const std::string& return_url,
                                                   const std::string& idempotency_key) {
  return url_of_new("/v1/billing_portal/sessions", {{"customer", customer_id}, {"return_url", return_url}},
                    idempotency_key);
}

Result<std::string> StripeApi::url_of_new(const std::string& path, const http::Fields& form,
                                          const std::string& idempotency_key) {
  http::Call call;
  call.url = settings_.base_url + path;
  call.headers = {{"Authorization", "Bearer " + settings_.secret_key},
                  {"Content-Type", "application/x-www-form-urlencoded"},
                  {"Stripe-Version", stripe_version},
                  {"Idempotency-Key", idempotency_key}};
  call.body = http::form_encoded(form);
  call.timeout = stripe_call_timeout;
  call.answer_bytes_max = answer_bytes_max;
  http::Answer answer;
  for (int calls = 1;; ++calls) {
    answer = client_.call_and_wait(call);
    if (calls == stripe_calls_max || !is_worth_another_call(answer)) break;
  }
  rapidjson::Document body;
  body.Parse(answer.body.data(), answer.body.size());
  if (answer.status / 100 == 2) {
    const std::string url = body.IsObject() ? text_in(body, "url") : std::string{};
    if (url.starts_with("https://") || url.starts_with(settings_.base_url + "/")) return url;
    log::error("STRIPE_CALL_FAILED", {{"path", path}, {"status", answer.status}, {"error", "no url in the answer"}});
    return Failure{"STRIPE_REFUSED", "Stripe's answer holds no address to go on at"};
  }
  const std::string said = error_of(body);
  log::warn("STRIPE_CALL_FAILED", {{"path", path},
                                   {"status", answer.status},
                                   {"error", answer.status == 0 ? http::to_string(answer.error) : said.c_str()}});
  if (answer.status == 0)
    return Failure{"STRIPE_UNREACHABLE",
                   std::string("Stripe did not answer (") + http::to_string(answer.error) + "); try again later"};
  if (is_worth_another_call(answer))
    return Failure{"STRIPE_BUSY",
                   "Stripe can't take this just now (" + std::to_string(answer.status) + "); try again later"};
  if (answer.status == 401 || answer.status == 403)
    return Failure{"STRIPE_REFUSED", "Stripe does not accept STRIPE_SECRET_KEY: " + said};
  return Failure{"STRIPE_REFUSED", "Stripe refused: " + (said.empty() ? std::to_string(answer.status) : said)};
}

}  // namespace carillon::billing
