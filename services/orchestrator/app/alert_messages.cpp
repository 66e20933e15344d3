#include "orchestrator/app/alert_messages.hpp"

#include "http/message.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/incoming.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using events::Channel;

// The words as they would arrive; nullopt when the template is not there or does not render.
std::optional<Rendered> words_of(const events::SendRequest& request, const Facts& facts) {
  const auto catalog = facts.templates.catalog();
  const Template* entry = catalog ? catalog->find(request.template_key) : nullptr;
  if (!entry) return std::nullopt;
  const auto version = entry->versions.find(entry->active_version);
  if (version == entry->versions.end()) return std::nullopt;
  const auto client = facts.clients.find(request.client_id);
  const CompiledBody* body = choose_body(version->second, client ? client->locale : std::string());
  if (!body) return std::nullopt;
  auto rendered = body->render(RenderData(request.variables, client.get()), entry->meta.channel);
  return rendered ? std::optional(std::move(*rendered)) : std::nullopt;
}

// What notification_log keeps: words and figures, no address.
std::string payload_of(const events::SendRequest& request, const Facts& facts) {
  std::string out = "{\"template_key\":" + http::json_string(request.template_key);
  if (const auto words = words_of(request, facts))
    out += ",\"subject\":" + http::json_string(words->subject) + ",\"text\":" + http::json_string(words->text);
  return out + ",\"variables\":" + request.variables.text + "}";
}

}  // namespace

std::vector<AlertTry> ask_for_alert(const Alert& alert, const AlertSettings& settings, const std::string& reason,
                                    const Facts& facts, bus::Outbox& out, UtcTime now, std::string_view traceparent) {
  std::vector<AlertTry> tries;
  for (const Channel channel : settings.channels()) {
    events::SendRequest request;
    request.message_id = new_uuid(now);
    request.source = alert_source;
    request.idempotency_key = request.message_id;
    request.template_key = alert_template(alert.type, channel);
    request.client_id = settings.tenant_id;
    request.recipient = settings.address_on(channel);
    request.variables = alert.variables;
    request.accepted_at = now;
    request.context = events::Context{"tenant alerts", reason};
    request.metadata = {{"alert", std::string(kind_of(alert.type).name)}};
    tries.push_back({request.message_id, settings.tenant_id, channel, alert.type, payload_of(request, facts)});
    if (channel == Channel::SLACK) seal_content(request, facts.sealer);  // the address is a secret
    out.publish(bus::topics::send_requests, send_request_record(request, settings.tenant_id, now, traceparent));
  }
  return tries;
}

}  // namespace carillon::orchestrator
