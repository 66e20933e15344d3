#include "sandbox/adapters/receipt_routes.hpp"

#include "sandbox/app/aws_answer.hpp"
#include "sandbox/app/receipts.hpp"
#include "sandbox/core/form.hpp"
#include "security/webhooks/sendgrid_signature.hpp"

namespace carillon::sandbox {
namespace {

constexpr const char* json_type = "application/json";
constexpr const char* text_type = "text/plain; charset=utf-8";

Answer orders(Receipts& receipts, const HttpRequest& request) {
  if (request.method == "DELETE") {
    receipts.clear_orders();
  } else if (request.method == "POST") {
    if (auto done = receipts.order(request.body); !done)
      return problem_answer(400, done.error().code, done.error().detail);
  } else if (request.method != "GET") {
    return problem_answer(405, "METHOD_NOT_ALLOWED", "GET, POST or DELETE");
  }
  return send_at_once(http_response(200, json_type, receipts.json()));
}

Answer confirmed(Receipts& receipts, const HttpRequest& request) {
  if (!receipts.confirm(form_value(request.query, "Token")))
    return send_at_once(sns_error(400, "InvalidParameter", "Invalid parameter: Token"));
  return send_at_once(http_response(
      200, "text/xml",
      "<ConfirmSubscriptionResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n  "
      "<ConfirmSubscriptionResult>\n    <SubscriptionArn>" +
          subscription_arn() + "</SubscriptionArn>\n  </ConfirmSubscriptionResult>\n</ConfirmSubscriptionResponse>\n"));
}

}  // namespace

std::optional<Answer> receipts_page(SandboxState& state, const HttpRequest& request) {
  if (state.receipts == nullptr) return std::nullopt;
  if (request.path == "/receipts") return orders(*state.receipts, request);
  if (request.method != "GET") return std::nullopt;
  const ReceiptKeys& keys = state.receipts->keys();
  if (request.path == "/receipts/keys") return send_at_once(http_response(200, json_type, state.receipts->keys_json()));
  if (request.path == "/receipts/keys/sendgrid")
    return send_at_once(http_response(200, text_type, keys.sendgrid().public_key() + "\n"));
  if (request.path == "/receipts/keys/sns.pem") return send_at_once(http_response(200, text_type, keys.root()));
  return std::nullopt;
}

std::optional<Answer> sns_page(SandboxState& state, const HttpRequest& request) {
  if (state.receipts == nullptr || request.method != "GET") return std::nullopt;
  const std::string_view path = request.path;
  if (path == "/" && form_value(request.query, "Action") == "ConfirmSubscription")
    return confirmed(*state.receipts, request);
  const ReceiptKeys& keys = state.receipts->keys();
  if (path == issuer_path) return send_at_once(http_response(200, "application/pkix-cert", keys.intermediate_der()));
  if (path.substr(0, leaf_path_begin.size()) == leaf_path_begin && path == keys.leaf_path())
    return send_at_once(http_response(200, "application/x-pem-file", keys.leaf()));
  return std::nullopt;
}

}  // namespace carillon::sandbox
