#include "sandbox/core/message_view.hpp"

#include "sandbox/core/json_text.hpp"
#include "sandbox/core/provider_views.hpp"
#include "security/digest.hpp"
#include "time/utc_time.hpp"

namespace carillon::sandbox {
namespace {

void write_attachments(JsonText& json, const std::vector<FileView>& attachments) {
  json.begin_list("attachments");
  for (const FileView& file : attachments) {
    json.begin();
    json.text("file_name", file.file_name);
    json.text("content_type", file.content_type);
    json.number("bytes", static_cast<std::int64_t>(file.content.size()));
    json.text("sha256", security::hex(security::sha256(file.content)));
    json.end();
  }
  json.end_list();
}

void write_receipts(JsonText& json, const std::vector<ReceiptNote>& receipts) {
  json.begin_list("receipts");
  for (const ReceiptNote& receipt : receipts) {
    json.begin();
    json.text("kind", receipt.kind);
    json.text("sent_at", to_rfc3339(from_unix_micros(receipt.sent_at_us)));
    json.number("status", receipt.status);
    json.end();
  }
  json.end_list();
}

}  // namespace

MessageView view_of(const StoredMessage& message) {
  MessageView view;
  view.id = message.id;
  view.provider = message.provider;
  view.received_at_us = message.received_at_us;
  switch (message.provider) {
    case ProviderName::POSTMARK:
      read_postmark(message.raw, view);
      break;
    case ProviderName::TWILIO:
      read_twilio(message.raw, view);
      break;
    case ProviderName::CONSOLE:
      read_console(message.raw, view);
      break;
    case ProviderName::SMTP:
      read_smtp(message, view);
      break;
    case ProviderName::SES:
      read_ses(message.raw, view);
      break;
    case ProviderName::SNS:
      read_sns(message, view);
      break;
    case ProviderName::SENDGRID:
      read_sendgrid(message.raw, view);
      break;
    case ProviderName::SLACK:
      read_slack(message, view);
      break;
  }
  return view;
}

std::string to_json(const MessageView& view, const std::vector<FileView>& attachments,
                    const std::vector<ReceiptNote>& receipts) {
  JsonText json;
  json.begin();
  json.number("id", static_cast<std::int64_t>(view.id));
  json.text("provider", to_string(view.provider));
  json.text("channel", channel_of(view.provider));
  json.text("to", view.to);
  json.text("from", view.from);
  json.text("subject", view.subject);
  json.text("text", view.text);
  json.text("html", view.html);
  json.begin("headers");
  for (const auto& [name, value] : view.headers) json.text(name, value);
  json.end();
  write_attachments(json, attachments);
  json.text("received_at", to_rfc3339(from_unix_micros(view.received_at_us)));
  json.text("message_id", view.message_id);
  json.number("attempt", view.attempt);
  json.text("template_key", view.template_key);
  write_receipts(json, receipts);
  json.end();
  return json.written();
}

}  // namespace carillon::sandbox
