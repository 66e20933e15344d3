#include "billing-ingest/adapters/stripe_api.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <memory>

#include "http/url.hpp"
#include "service/log.hpp"

namespace carillon::billing {
namespace {

constexpr std::size_t answer_bytes_max = 256 * 1024;
constexpr std::size_t name_chars_max = 100;
constexpr const char* refused_sentence =
    "Stripe did not accept this; whoever runs this service finds the reason in its log";

std::string text_in(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

// A name as Stripe's API has them, "line_items[0][price]"; "" for what is none.
std::string name_of(std::string text) {
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '[' ||
           c == ']' || c == '-';
  };
  return text.size() <= name_chars_max && std::all_of(text.begin(), text.end(), is_part) ? text : std::string{};
}

// What is wrong by Stripe's type, code and parameter, never by its message.
std::string error_of(const http::Answer& answer, const rapidjson::Document& body) {
  if (answer.status == 0) return http::to_string(answer.error);
  if (!body.IsObject()) return {};
  const auto error = body.FindMember("error");
  if (error == body.MemberEnd() || !error->value.IsObject()) return {};
  std::string names;
  for (const char* member : {"type", "code", "param"}) {
    const std::string name = name_of(text_in(error->value, member));
    if (!name.empty()) names += (names.empty() ? "" : " ") + name;
  }
  return names;
}

bool is_worth_another_call(const http::Answer& answer) {
  if (answer.status != 0) return answer.status == 409 || answer.status == 429 || answer.status >= 500;
  return answer.error != http::CallError::BAD_CALL && answer.error != http::CallError::TLS &&
         answer.error != http::CallError::CANCELLED;
}

// A failure that an earlier order got. The session it may have made is nobody's: its address was never told.
bool is_kept_failure(const http::Answer& answer) {
  return answer.status >= 500 && http::field(answer.headers, "Idempotent-Replayed") == "true";
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

http::Answer StripeApi::call(const std::string& path, const http::Fields& form, const std::string& idempotency_key) {
  http::Call call;
  call.url = settings_.base_url + path;
  call.headers = {{"Authorization", "Bearer " + settings_.secret_key},
                  {"Content-Type", "application/x-www-form-urlencoded"},
                  {"Stripe-Version", stripe_version},
                  {"Idempotency-Key", idempotency_key}};
  std::string& key = call.headers.back().second;
  call.body = http::form_encoded(form);
  call.timeout = stripe_call_timeout;
  call.answer_bytes_max = answer_bytes_max;
  http::Answer answer = client_.call_and_wait(call);
  for (int keys = 1; is_kept_failure(answer) && keys < stripe_keys_max; ++keys) {
    key = idempotency_key + "-" + std::to_string(keys + 1);
    answer = client_.call_and_wait(call);
  }
  for (int calls = 1; calls < stripe_calls_max && is_worth_another_call(answer) && !is_kept_failure(answer); ++calls)
    answer = client_.call_and_wait(call);
  return answer;
}

Result<std::string> StripeApi::url_of_new(const std::string& path, const http::Fields& form,
                                          const std::string& idempotency_key) {
  if (!free_.try_acquire()) {
    log::warn("STRIPE_CALL_FAILED", {{"path", path}, {"status", 0}, {"error", "too many calls at once"}});
    return Failure{"STRIPE_BUSY", "Stripe can't take this just now; try again later"};
  }
  const auto give_back = [](auto* free) { free->release(); };
  http::Answer answer;
  {
    const std::unique_ptr<decltype(free_), decltype(give_back)> held(&free_, give_back);
    answer = call(path, form, idempotency_key);
  }
  rapidjson::Document body;
  body.Parse(answer.body.data(), answer.body.size());
  if (answer.status / 100 == 2) {
    const std::string url = body.IsObject() ? text_in(body, "url") : std::string{};
    if (url.starts_with("https://") || url.starts_with(settings_.base_url + "/")) return url;
    log::error("STRIPE_CALL_FAILED", {{"path", path}, {"status", answer.status}, {"error", "no url in the answer"}});
    return Failure{"STRIPE_REFUSED", "Stripe's answer holds no address to go on at"};
  }
  log::warn("STRIPE_CALL_FAILED", {{"path", path},
                                   {"status", answer.status},
                                   {"error", error_of(answer, body)},
                                   {"request_id", name_of(std::string(http::field(answer.headers, "Request-Id")))}});
  if (answer.status == 0)
    return Failure{"STRIPE_UNREACHABLE",
                   std::string("Stripe did not answer (") + http::to_string(answer.error) + "); try again later"};
  if (is_worth_another_call(answer))
    return Failure{"STRIPE_BUSY",
                   "Stripe can't take this just now (" + std::to_string(answer.status) + "); try again later"};
  return Failure{"STRIPE_REFUSED", refused_sentence};
}

}  // namespace carillon::billing
