#include "orchestrator/adapters/http_manual_messages.hpp"

#include "http/idempotency_key.hpp"
#include "http/media_type.hpp"
#include "orchestrator/adapters/quiet_failures.hpp"
#include "orchestrator/adapters/template_json.hpp"
#include "orchestrator/app/prepare_request.hpp"
#include "orchestrator/core/template_orders.hpp"

namespace carillon::orchestrator {
namespace {

constexpr const char* sms_test_template = "ADMIN_MANUAL_SMS";

HandMadeMessage message_of(MessageWish wish, std::string idempotency_key) {
  return {std::move(wish.template_key),
          std::move(wish.client_id),
          std::move(wish.recipient),
          std::move(wish.locale),
          std::move(wish.reason),
          std::move(wish.variables),
          wish.version,
          std::move(idempotency_key)};
}

http::Response answer(const Result<Accepted>& accepted) {
  if (!accepted) return template_refusal(accepted.error());
  http::Response response = http::json(202, accepted_json(accepted->message_id, accepted->message_count));
  response.headers.emplace_back("Location", "/api/admin/message-logs/" + accepted->message_id);
  return response;
}

http::Response send(const http::Request& request, SendByHand& send, WishOf what) {
  if (!http::is_json(http::media_type(request)))
    return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
  auto wish = read_message_wish(request.body, what);
  if (!wish) return template_refusal(wish.error());
  auto key = http::idempotency_key(request);
  if (!key) return template_refusal(key.error());
  if (what == WishOf::SMS_TEST) wish->template_key = sms_test_template;
  if (what == WishOf::TEST) wish->template_key = request.params.at("key");
  const HandMadeMessage message = message_of(std::move(*wish), std::move(*key));
  const Editor editor = editor_of(request);
  return answer(what == WishOf::TEST ? send.test(message, editor) : send.send(message, editor));
}

}  // namespace

void add_manual_message_routes(http::Router& router, SendByHand& by_hand, http::Guard guard) {
  guard = quiet_guard(std::move(guard));
  const auto handler = [&by_hand](WishOf what) {
    return quiet_handler([&by_hand, what](const http::Request& request) { return send(request, by_hand, what); });
  };
  router.add(http::Method::POST, "/api/admin/messages", handler(WishOf::MESSAGE), guard);
  router.add(http::Method::POST, "/api/admin/sms/test-send", handler(WishOf::SMS_TEST), guard);
  router.add(http::Method::POST, "/api/admin/templates/{key}/test-send", handler(WishOf::TEST), guard);
}

}  // namespace carillon::orchestrator
