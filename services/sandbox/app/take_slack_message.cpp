#include "sandbox/app/take_slack_message.hpp"

#include <algorithm>
#include <cstdlib>

#include "sandbox/app/call_json.hpp"
#include "sandbox/app/refusal.hpp"
#include "sandbox/app/settle_call.hpp"
#include "sandbox/core/provider_id.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::string_view origin = "https://hooks.slack.com";  // whose calls were turned to the sandbox
constexpr std::string_view services = "/services/", workflows = "/workflows/";
constexpr int secret_parts = 3;  // team, hook, secret

bool begins_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

std::string answer(int status, std::string_view text, std::string_view headers = {}) {
  return http_response(status, "text/html", text, headers);
}

class SlackDialect final : public Dialect {
 public:
  std::string id_of(const std::string& digits) const override { return uuid_form(digits); }  // Slack tells nobody
  std::string accepted(const std::string&) const override { return answer(200, "ok"); }
  std::string refused(const Order& order) const override {
    const Refusal refusal = refusal_of(ProviderName::SLACK, order, "service_unavailable");
    return answer(order.status, order.body.empty() ? refusal.code : order.body, retry_header(order));
  }
  std::string garbage() const override { return answer(200, "<html>\x01 this is not ok"); }
};

bool is_whole(std::string_view path) {
  const std::string_view rest = path.substr((begins_with(path, services) ? services : workflows).size());
  const bool gap = rest.find("//") != std::string_view::npos;
  return !gap && !rest.empty() && rest.front() != '/' && rest.back() != '/' &&
         std::count(rest.begin(), rest.end(), '/') >= secret_parts - 1;
}

}  // namespace

bool is_slack_path(std::string_view path) {
  return begins_with(path, services) || begins_with(path, workflows);
}

Answer take_slack_message(SandboxState& state, const HttpRequest& request) {
  // Slack itself ignores these headers; they are how the platform names its call.
  const std::string_view message_id = request.header("X-Carillon-Message-Id");
  const std::string attempt(request.header("X-Carillon-Attempt"));
  const auto refuse = [&](int status, std::string_view text) {
    return refuse_call(state, ProviderName::SLACK, message_id, std::atoi(attempt.c_str()), answer(status, text));
  };
  if (!is_whole(request.path)) return refuse(404, "no_service");
  if (!begins_with(request.header("Content-Type"), "application/json")) return refuse(400, "invalid_payload");
  const CallJson json(request.body);
  if (json.object() == nullptr) return refuse(400, "invalid_payload");
  if (text_of(*json.object(), "text").empty()) return refuse(400, "no_text");
  ProviderCall call;
  call.provider = ProviderName::SLACK;
  const std::string recipient = std::string(origin) + std::string(request.path);
  call.recipient = recipient;
  call.tag("message_id", message_id);
  call.tag("attempt", attempt);
  call.envelope = recipient + "\n" + std::string(message_id) + "\n" + attempt;
  call.raw = request.body;
  return settle_call(state, std::move(call), SlackDialect());
}

}  // namespace carillon::sandbox
