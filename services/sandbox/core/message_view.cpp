#include "sandbox/core/message_view.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdlib>

#include "sandbox/core/form.hpp"
#include "time/utc_time.hpp"

namespace carillon::sandbox {
namespace {

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd()) return {};
  if (found->value.IsString()) return {found->value.GetString(), found->value.GetStringLength()};
  return found->value.IsInt64() ? std::to_string(found->value.GetInt64()) : std::string();
}

bool parse_object(rapidjson::Document& json, std::string_view raw) {
  json.Parse<rapidjson::kParseIterativeFlag>(raw.data(), raw.size());
  return !json.HasParseError() && json.IsObject();
}

void read_postmark(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_object(json, raw)) return;
  view.to = text_of(json, "To");
  view.from = text_of(json, "From");
  view.subject = text_of(json, "Subject");
  view.text = text_of(json, "TextBody");
  view.html = text_of(json, "HtmlBody");
  view.template_key = text_of(json, "Tag");
  for (const char* name : {"From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "Tag", "MessageStream"}) {
    if (std::string value = text_of(json, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
  const auto metadata = json.FindMember("Metadata");
  if (metadata == json.MemberEnd() || !metadata->value.IsObject()) return;
  view.message_id = text_of(metadata->value, "message_id");
  view.attempt = std::atoi(text_of(metadata->value, "attempt").c_str());
  for (const auto& member : metadata->value.GetObject()) {
    view.headers.emplace_back("Metadata " + std::string(member.name.GetString()),
                              text_of(metadata->value, member.name.GetString()));
  }
}

void read_twilio(std::string_view raw, MessageView& view) {
  view.to = form_value(raw, "To");
  view.from = form_value(raw, "From");
  if (view.from.empty()) view.from = form_value(raw, "MessagingServiceSid");
  view.text = form_value(raw, "Body");
  for (const char* name : {"To", "From", "MessagingServiceSid", "ValidityPeriod", "StatusCallback"}) {
    if (std::string value = form_value(raw, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
  const std::string callback = form_value(raw, "StatusCallback");
  const std::string_view query = std::string_view(callback).substr(std::min(callback.find('?') + 1, callback.size()));
  view.message_id = form_value(query, "message_id");
  view.attempt = std::atoi(form_value(query, "attempt").c_str());
}

void read_console(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_object(json, raw)) return;
  view.to = text_of(json, "to");
  view.from = text_of(json, "from");
  view.text = text_of(json, "text");
  view.message_id = text_of(json, "message_id");
  view.attempt = std::atoi(text_of(json, "attempt").c_str());
  view.template_key = text_of(json, "template_key");
  for (const char* name : {"to", "from", "message_id", "attempt", "template_key", "sent_at"}) {
    if (std::string value = text_of(json, name); !value.empty()) view.headers.emplace_back(name, std::move(value));
  }
}

void read_smtp(const StoredMessage& message, MessageView& view) {
  ParsedMail mail = parse_mail(message.raw);
  view.subject = mail.header("Subject");
  view.from = mail.header("From");
  view.message_id = mail.header("X-Carillon-Message-Id");
  view.attempt = std::atoi(std::string(mail.header("X-Carillon-Attempt")).c_str());
  view.template_key = mail.header("X-Carillon-Template");
  view.text = std::move(mail.text);
  view.html = std::move(mail.html);
  view.headers = std::move(mail.headers);
  // The envelope says who gets it, whatever the header claims.
  const std::size_t end = std::min(message.envelope.find('\n'), message.envelope.size());
  view.to = message.envelope.substr(std::min(end + 1, message.envelope.size()));
  std::replace(view.to.begin(), view.to.end(), '\n', ',');
  view.headers.insert(view.headers.begin(), {"Envelope-From", message.envelope.substr(0, end)});
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
  }
  return view;
}

std::string to_json(const MessageView& view) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto text = [&json](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("id");
  json.Uint64(view.id);
  text("provider", to_string(view.provider));
  text("channel", channel_of(view.provider));
  text("to", view.to);
  text("from", view.from);
  text("subject", view.subject);
  text("text", view.text);
  text("html", view.html);
  json.Key("headers");
  json.StartObject();
  for (const auto& [name, value] : view.headers) text(name.c_str(), value);
  json.EndObject();
  text("received_at", to_rfc3339(from_unix_micros(view.received_at_us)));
  text("message_id", view.message_id);
  json.Key("attempt");
  json.Int(view.attempt);
  text("template_key", view.template_key);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace carillon::sandbox
