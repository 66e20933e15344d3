#include <algorithm>
#include <cstdlib>

#include "sandbox/core/provider_views.hpp"
#include "sandbox/core/raw_json.hpp"

namespace carillon::sandbox {
namespace {

using Json = rapidjson::Value;

void add_header(MessageView& view, std::string name, std::string value) {
  if (!value.empty()) view.headers.emplace_back(std::move(name), std::move(value));
}

// One of the tags that a provider repeats in its receipts.
void read_tag(MessageView& view, const std::string& kind, const std::string& name, std::string value) {
  if (name == "message_id") view.message_id = value;
  if (name == "attempt") view.attempt = std::atoi(value.c_str());
  add_header(view, kind + " " + name, std::move(value));
}

void read_tags(MessageView& view, const std::string& kind, const Json* tags) {
  if (tags == nullptr || !tags->IsObject()) return;
  for (const auto& tag : tags->GetObject())
    read_tag(view, kind, tag.name.GetString(), raw_text(*tags, tag.name.GetString()));
}

// [{Name, Value}]
void read_header_list(MessageView& view, const Json* headers) {
  if (headers == nullptr || !headers->IsArray()) return;
  for (const auto& header : headers->GetArray()) {
    if (header.IsObject()) add_header(view, raw_text(header, "Name"), raw_text(header, "Value"));
  }
}

const Json* first_of(const Json* list) {
  return list != nullptr && list->IsArray() && !list->Empty() ? &(*list)[0] : nullptr;
}

std::string text_at(const Json& object, std::initializer_list<const char*> path, const char* name) {
  const Json* at = raw_member(object, path);
  return at != nullptr && at->IsObject() ? raw_text(*at, name) : std::string();
}

// {"email": ..., "name": ...}
std::string address_of(const Json* mailbox) {
  if (mailbox == nullptr || !mailbox->IsObject()) return {};
  const std::string name = raw_text(*mailbox, "name"), email = raw_text(*mailbox, "email");
  return name.empty() ? email : name + " <" + email + ">";
}

}  // namespace

void read_postmark(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_raw(json, raw)) return;
  view.to = raw_text(json, "To");
  view.from = raw_text(json, "From");
  view.subject = raw_text(json, "Subject");
  view.text = raw_text(json, "TextBody");
  view.html = raw_text(json, "HtmlBody");
  view.template_key = raw_text(json, "Tag");
  for (const char* name : {"From", "To", "Cc", "Bcc", "ReplyTo", "Subject", "Tag", "MessageStream"})
    add_header(view, name, raw_text(json, name));
  read_header_list(view, raw_member(json, {"Headers"}));
  read_tags(view, "Metadata", raw_member(json, {"Metadata"}));
}

void read_ses(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_raw(json, raw)) return;
  if (const Json* to = first_of(raw_member(json, {"Destination", "ToAddresses"})); to != nullptr && to->IsString())
    view.to.assign(to->GetString(), to->GetStringLength());
  view.from = raw_text(json, "FromEmailAddress");
  view.subject = text_at(json, {"Content", "Simple", "Subject"}, "Data");
  view.text = text_at(json, {"Content", "Simple", "Body", "Text"}, "Data");
  view.html = text_at(json, {"Content", "Simple", "Body", "Html"}, "Data");
  add_header(view, "From", view.from);
  add_header(view, "To", view.to);
  if (const Json* reply_to = first_of(raw_member(json, {"ReplyToAddresses"}));
      reply_to != nullptr && reply_to->IsString())
    add_header(view, "ReplyTo", reply_to->GetString());
  add_header(view, "Subject", view.subject);
  add_header(view, "ConfigurationSetName", raw_text(json, "ConfigurationSetName"));
  read_header_list(view, raw_member(json, {"Content", "Simple", "Headers"}));
  const Json* tags = raw_member(json, {"EmailTags"});
  if (tags == nullptr || !tags->IsArray()) return;
  for (const auto& tag : tags->GetArray()) {
    if (!tag.IsObject()) continue;
    read_tag(view, "EmailTag", raw_text(tag, "Name"), raw_text(tag, "Value"));
    if (raw_text(tag, "Name") == "template_key") view.template_key = raw_text(tag, "Value");
  }
}

void read_sendgrid(std::string_view raw, MessageView& view) {
  rapidjson::Document json;
  if (!parse_raw(json, raw)) return;
  view.from = address_of(raw_member(json, {"from"}));
  view.subject = raw_text(json, "subject");
  const Json* personalization = first_of(raw_member(json, {"personalizations"}));
  if (personalization != nullptr && personalization->IsObject()) {
    view.to = address_of(first_of(raw_member(*personalization, {"to"})));
    if (view.subject.empty()) view.subject = raw_text(*personalization, "subject");
  }
  if (const Json* content = raw_member(json, {"content"}); content != nullptr && content->IsArray()) {
    for (const auto& part : content->GetArray()) {
      if (part.IsObject()) (raw_text(part, "type") == "text/html" ? view.html : view.text) = raw_text(part, "value");
    }
  }
  if (const Json* category = first_of(raw_member(json, {"categories"})); category != nullptr && category->IsString())
    view.template_key = category->GetString();
  add_header(view, "From", view.from);
  add_header(view, "To", view.to);
  add_header(view, "ReplyTo", address_of(raw_member(json, {"reply_to"})));
  add_header(view, "Subject", view.subject);
  if (const Json* headers = raw_member(json, {"headers"}); headers != nullptr && headers->IsObject()) {
    for (const auto& header : headers->GetObject())
      add_header(view, header.name.GetString(), raw_text(*headers, header.name.GetString()));
  }
  read_tags(view, "custom_arg", raw_member(json, {"custom_args"}));
  if (personalization != nullptr) read_tags(view, "custom_arg", raw_member(*personalization, {"custom_args"}));
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

}  // namespace carillon::sandbox
