#include "orchestrator/adapters/http_cancel.hpp"

#include "pages/visitor.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

http::Response not_waiting(const char* code, const char* detail) {
  return http::problem(409, code, detail);
}

http::Response answer_to(CancelOutcome outcome, const std::string& message_id) {
  switch (outcome) {
    case CancelOutcome::CANCELLED:
      return http::json(200, "{\"message_id\":" + http::json_string(message_id) + ",\"status\":\"CANCELLED\"}");
    case CancelOutcome::ALREADY_DISPATCHED:
      return not_waiting("ALREADY_DISPATCHED",
                         "the message waits nowhere here: it is being sent, it is final, or, while requests lag "
                         "behind, it is not decided yet; GET /api/notifications/{id} says which");
    case CancelOutcome::NOT_WAITING: {
      http::Response response = not_waiting(
          "MESSAGE_NOT_WAITING",
          "the message was accepted just now and does not wait: it is not decided yet, and then the same call works in "
          "a moment, or it is being sent or final already; GET /api/notifications/{id} says which");
      response.headers.emplace_back("Retry-After", "1");
      return response;
    }
    default:
      return http::problem(404, "MESSAGE_NOT_FOUND", "no message of that id waits, nor was one accepted lately");
  }
}

http::Response cancel_one(const http::Request& request, CancelMessage& cancel, std::optional<std::string> source) {
  const std::string& id = request.params.at("id");
  if (!is_uuid(id)) return answer_to(CancelOutcome::UNKNOWN, id);
  return answer_to(cancel({id, std::move(source), pages::actor_of(request), request.traceparent}), id);
}

}  // namespace

void add_cancel_routes(http::Router& router, CancelMessage& cancel, http::Guard sender, http::Guard admin) {
  router.add(
      http::Method::POST, "/api/cancellations/{id}",
      [&cancel](const http::Request& request) {
        const bool any = request.params.at("api_key_admin") == "true";
        return cancel_one(request, cancel,
                          any ? std::nullopt : std::optional("api:" + request.params.at("api_key_owner")));
      },
      std::move(sender));
  router.add(
      http::Method::POST, "/api/admin/cancellations/{id}",
      [&cancel](const http::Request& request) { return cancel_one(request, cancel, std::nullopt); }, std::move(admin));
}

}  // namespace carillon::orchestrator
