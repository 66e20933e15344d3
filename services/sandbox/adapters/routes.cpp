#include "sandbox/adapters/routes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sandbox/adapters/otp_page.hpp"
#include "sandbox/adapters/receipt_routes.hpp"
#include "sandbox/app/read_out.hpp"
#include "sandbox/app/ses_account.hpp"
#include "sandbox/app/take_console_message.hpp"
#include "sandbox/app/take_postmark_email.hpp"
#include "sandbox/app/take_sendgrid_email.hpp"
#include "sandbox/app/take_ses_email.hpp"
#include "sandbox/app/take_slack_message.hpp"
#include "sandbox/app/take_sns_message.hpp"
#include "sandbox/app/take_twilio_message.hpp"
#include "sandbox/core/form.hpp"

namespace carillon::sandbox {
namespace {

constexpr const char* json_type = "application/json";

bool begins_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

// A page of another site must not steer the sandbox through the browser of somebody who has it open.
bool is_cross_site(const HttpRequest& request) {
  const std::string_view site = request.header("Sec-Fetch-Site");
  return !site.empty() && site != "same-origin" && site != "none";
}

Answer control(SandboxState& state, const HttpRequest& request) {
  if (request.method == "DELETE") {
    state.faults.clear();
  } else if (request.method == "POST") {
    auto order = parse_order(request.body);
    if (!order) return problem_answer(400, order.error().code, order.error().detail);
    if (auto set = state.faults.set(std::move(*order)); !set)
      return problem_answer(400, set.error().code, set.error().detail);
  } else if (request.method != "GET") {
    return problem_answer(405, "METHOD_NOT_ALLOWED", "GET, POST or DELETE");
  }
  return send_at_once(http_response(200, json_type, state.faults.json()));
}

Answer messages(SandboxState& state, const HttpRequest& request) {
  if (request.method == "DELETE") {
    state.inbox.drop_messages();
    return send_at_once("HTTP/1.1 204 No Content\r\n\r\n");
  }
  if (request.method != "GET") return problem_answer(405, "METHOD_NOT_ALLOWED", "GET or DELETE");
  MessageFilter filter;
  filter.to = form_value(request.query, "to");
  filter.provider = form_value(request.query, "provider");
  if (!filter.provider.empty() && !provider_from(filter.provider))
    return problem_answer(400, "INVALID_PROVIDER", "provider must be " + std::string(provider_names_text));
  if (const std::string limit = form_value(request.query, "limit"); !limit.empty()) {
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), filter.limit);
    if (error != std::errc{} || end != limit.data() + limit.size() || filter.limit == 0)
      return problem_answer(400, "INVALID_LIMIT", "limit must be a whole number from 1");
  }
  return send_at_once(http_response(200, json_type, messages_json(state, filter)));
}

Answer api(SandboxState& state, const HttpRequest& request) {
  if (auto answer = receipts_page(state, request)) return std::move(*answer);
  if (request.path == "/control") return control(state, request);
  if (request.path == "/messages") return messages(state, request);
  if (request.path == "/stats" && request.method == "GET")
    return send_at_once(http_response(200, json_type, stats_json(state)));
  if (request.path == "/calls" && request.method == "GET")
    return send_at_once(http_response(200, json_type, calls_json(state)));
  if (request.path == "/healthz" && request.method == "GET")
    return send_at_once(http_response(200, json_type, "{\"status\":\"ok\"}"));
  return problem_answer(404, "NOT_FOUND", "no such path");
}

// The providers' own APIs; nullopt when the request is for none of them.
std::optional<Answer> provider_call(SandboxState& state, const HttpRequest& request) {
  const std::string_view path = request.path;
  if (request.method == "POST") {
    if (path == "/email") return take_postmark_email(state, request);
    if (path == "/v3/mail/send") return take_sendgrid_email(state, request);
    if (path == "/v2/email/outbound-emails") return take_ses_email(state, request);
    if (path == ses_identities_path) return create_ses_identity(state, request);
    if (path == "/") return take_sns_message(state, request);
    if (path == "/console/messages") return take_console_message(state, request);
    if (!twilio_account_of(path).empty()) return take_twilio_message(state, request);
    if (is_slack_path(path)) return take_slack_message(state, request);
  }
  if (request.method == "GET") {
    if (path == "/v2/email/account") return ses_account(state, request);
    if (begins_with(path, ses_identity_path_begin)) return get_ses_identity(state, request);
  }
  return std::nullopt;
}

}  // namespace

HttpHandler make_routes(SandboxState& state, const InboxPage& page, OtpRelay& otp_relay, StripeRoutes& stripe) {
  return [&state, &page, &otp_relay, &stripe](const HttpRequest& request) -> Answer {
    if (auto answer = provider_call(state, request)) return std::move(*answer);
    if (auto answer = sns_page(state, request)) return std::move(*answer);
    if (auto answer = stripe.api(request)) return std::move(*answer);
    if (request.method != "GET" && is_cross_site(request))
      return problem_answer(403, "CROSS_SITE", "another site's page may not steer the sandbox");
    if (auto answer = stripe.page(request)) return std::move(*answer);
    if (request.method == "GET" &&
        (request.path == "/" || begins_with(request.path, "/messages/") || begins_with(request.path, "/assets/"))) {
      return send_at_once(page.get(state, request));
    }
    if (request.method == "GET" && request.path == "/otp") return send_at_once(otp_page(otp_relay.carillon_url()));
    if (begins_with(request.path, otp_relay_path_begin)) return otp_relay.relay(request);
    if (request.method == "POST" && request.path == "/control/form")
      return send_at_once(page.apply_switch(state, request));
    if (request.method == "POST" && request.path == "/messages/form") return send_at_once(page.empty_inbox(state));
    return api(state, request);
  };
}

}  // namespace carillon::sandbox
