#include "sandbox/app/take_console_message.hpp"

#include "http/message.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/message_view.hpp"

namespace carillon::sandbox {
namespace {

std::string error_body(std::string_view text) {
  return "{\"error\":" + http::json_string(text) + "}";
}

class ConsoleDialect final : public Dialect {
 public:
  std::string id_of(const std::string& digits) const override { return "console-" + digits; }
  std::string accepted(const std::string& id) const override {
    return http_response(200, "application/json", "{\"id\":\"" + id + "\"}");
  }
  std::string refused(const Order& order) const override {
    return http_response(order.status, "application/json",
                         order.body.empty() ? error_body("The sandbox was told to refuse this.") : order.body,
                         retry_header(order));
  }
  std::string garbage() const override { return http_response(200, "application/json", "<html>\x01 this is not JSON"); }
};

}  // namespace

Answer take_console_message(SandboxState& state, const HttpRequest& request) {
  StoredMessage message;
  message.provider = ProviderName::CONSOLE;
  message.raw = request.body;
  const MessageView view = view_of(message);
  if (view.to.empty() || view.text.empty()) {
    return refuse_call(
        state, ProviderName::CONSOLE, view.message_id, view.attempt,
        http_response(422, "application/json", error_body("The body must be a JSON object with to and text.")));
  }
  ProviderCall call{ProviderName::CONSOLE, view.to, view.message_id, view.attempt, std::move(message.raw), {}, {}};
  return settle_call(state, std::move(call), ConsoleDialect());
}

}  // namespace carillon::sandbox
