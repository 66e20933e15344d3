#include "orchestrator/app/decided_message.hpp"

#include "bus/record.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator/core/unsubscribe_token.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"
#include "values/sms_segments.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::size_t envelope_bytes_max = 2 * 1024;  // key and headers of a dispatch record

void look_up_template(DecidedMessage& message, const TemplateCatalog& catalog, const Facts& facts) {
  const events::SendRequest& request = message.incoming->request;
  message.entry = catalog.find(request.template_key);
  if (!request.client_id.empty()) message.client = facts.clients.find(request.client_id);
  message.data = std::make_shared<const RenderData>(request.variables, message.client.get());
  message.priority = request.priority;
  message.sensitive = message.incoming->was_sealed() || has_secret_recipient(request);
  if (!message.entry) return;
  const Template& entry = *message.entry;
  if (message.priority == events::Priority{}) message.priority = entry.meta.priority;
  message.sensitive = message.sensitive || entry.meta.rests_sealed();
  message.version = request.template_version == 0 ? entry.active_version : request.template_version;
  const auto version = entry.versions.find(message.version);
  if (version == entry.versions.end()) return;
  const bool own_locale = request.locale.empty() && message.client && entry.meta.audience == events::Audience::CLIENT;
  message.body = choose_body(version->second, own_locale ? message.client->locale : request.locale);
}

std::string unsubscribe_url(const DecidedMessage& message, const Facts& facts) {
  const TemplateMeta& meta = message.entry->meta;
  if (facts.settings.public_url.empty() || !meta.unsubscribable) return {};
  return facts.settings.public_url + "/unsubscribe/" +
         unsubscribe_token({meta.channel, message.recipient_hash, meta.category, message.id}, facts.sealer);
}

}  // namespace

std::vector<DecidedMessage> expand(const Incoming& incoming, const TemplateCatalog& catalog, const Facts& facts) {
  DecidedMessage first;
  first.incoming = &incoming;
  first.id = incoming.request.message_id;
  look_up_template(first, catalog, facts);
  Recipients recipients;
  if (first.entry) {
    const TemplateMeta& meta = first.entry->meta;
    recipients = resolve_recipients(incoming.request, meta, first.client.get(), facts.settings.staff,
                                    paired_with(catalog, meta));
  }
  first.recipient_refusal = std::move(recipients.refusal);
  const std::size_t begin = incoming.only_place.value_or(0);
  const std::size_t end = incoming.only_place ? begin + 1 : std::max<std::size_t>(1, recipients.addresses.size());
  std::vector<DecidedMessage> messages;
  messages.reserve(end - begin);
  for (std::size_t n = begin; n < end; ++n) {
    DecidedMessage& message = n + 1 < end ? messages.emplace_back(first) : messages.emplace_back(std::move(first));
    message.place = static_cast<std::uint32_t>(n);
    if (n > 0) message.id = sibling_uuid(incoming.request.message_id, message.place);
    if (!message.recipient_refusal && n > 0 && n >= recipients.addresses.size())
      message.recipient_refusal = Refusal{events::Status::BLOCKED_NO_RECIPIENT, "STAFF_ADDRESS_GONE",
                                          "there are fewer staff addresses now than when the message was asked for"};
    if (n < recipients.addresses.size()) {
      message.recipient = recipients.addresses[n];
      message.recipient_hash = facts.sealer.reference(message.recipient);
      message.older_hashes = facts.sealer.older_references(message.recipient);
    }
  }
  return messages;
}

void render(DecidedMessage& message, const Facts& facts) {
  const TemplateMeta& meta = message.entry->meta;
  const events::SendRequest& request = message.incoming->request;
  events::Dispatch dispatch;
  dispatch.unsubscribe_url = unsubscribe_url(message, facts);
  auto rendered = message.body->render(*message.data, meta.channel, dispatch.unsubscribe_url);
  if (!rendered) {
    return message.refuse({events::Status::BLOCKED_INVALID_REQUEST, rendered.error().code, rendered.error().detail});
  }
  dispatch.message_id = message.id;
  dispatch.client_id = request.client_id;
  dispatch.template_key = meta.key;
  dispatch.template_version = message.version;
  dispatch.channel = meta.channel;
  dispatch.priority = message.priority;
  dispatch.unconfirmed_policy = meta.unconfirmed_policy;
  dispatch.recipient_hash = message.recipient_hash;
  dispatch.source = request.source;
  dispatch.accepted_at = request.accepted_at;
  dispatch.expires_at = request.expires_at;
  dispatch.rate_window_taken = meta.rate_limit_window.count() > 0 && !is_test_send(request);
  if (meta.from_client_number && message.client) dispatch.from_number = message.client->twilio_number;
  if (meta.channel == events::Channel::SMS) message.sms_segments = sms_segments(rendered->text).segments;
  dispatch.sms_segments = message.sms_segments;
  dispatch.attachments = message.attachments.files;
  if (message.sensitive) {
    events::SealedContent content{
        message.recipient, {}, std::move(rendered->subject), std::move(rendered->text), std::move(rendered->html)};
    dispatch.sealed = facts.sealer.seal(events::to_json(content), message.id);
  } else {
    dispatch.recipient = message.recipient;
    dispatch.subject = std::move(rendered->subject);
    dispatch.text = std::move(rendered->text);
    dispatch.html = std::move(rendered->html);
  }
  message.dispatch_json = events::to_json(dispatch);
  if (message.dispatch_json.size() + envelope_bytes_max > bus::record_bytes_max) {
    message.dispatch_json.clear();
    message.refuse(
        {events::Status::BLOCKED_INVALID_REQUEST, "RENDERED_INVALID", "text: the rendered message is too large"});
  }
}

events::MessageEvent message_event(const DecidedMessage& message, UtcTime now) {
  const events::SendRequest& request = message.incoming->request;
  events::MessageEvent event;
  event.message_id = message.id;
  event.status = message.status;
  event.occurred_at = now;
  event.template_key = message.entry ? message.entry->meta.key : request.template_key;
  event.template_version = message.version;
  event.channel = message.channel();
  event.priority = message.priority;
  event.client_id = request.client_id;
  if (!message.recipient.empty()) event.recipient_masked = masked(message.recipient);
  event.recipient_hash = message.recipient_hash;
  if (!message.sensitive) event.recipient = message.recipient;
  if (message.refusal) {
    event.reason = message.refusal->reason;
    event.detail = message.refusal->detail;
  }
  if (message.status == events::Status::SCHEDULED) {
    event.reason = message.wait->reason;
    event.next_attempt_at = message.wait->until;
  }
  event.sms_segments = message.sms_segments;
  event.source = request.source;
  event.accepted_at = request.accepted_at;
  event.metadata = request.metadata;
  return event;
}

}  // namespace carillon::orchestrator
