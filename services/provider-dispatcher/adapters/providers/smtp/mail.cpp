#include "provider-dispatcher/adapters/providers/smtp/mail.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "provider-dispatcher/adapters/providers/attachments.hpp"
#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "provider-dispatcher/adapters/providers/unsubscribe_headers.hpp"

namespace carillon::dispatcher::smtp {
namespace {

constexpr const char* text_type = "text/plain; charset=utf-8";
constexpr const char* html_type = "text/html; charset=utf-8";
constexpr const char* as_text = "quoted-printable";
constexpr const char* as_bytes = "base64";

// Lines of text end with CRLF in a mail, whatever they ended with before (RFC 2046, 4.1.1): a line feed alone would be
// encoded as a character of the text.
std::string with_mail_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) out += '\r';
    out += text[at];
  }
  return out;
}

}  // namespace

std::string mail_id(const SmtpSettings& settings, const OutboundMessage& message) {
  return message.message_id + "." + std::to_string(message.attempt) + "@" + settings.from.domain();
}

void check(CURLcode code) {
  if (code != CURLE_OK) throw std::runtime_error(std::string("libcurl refuses an option: ") + curl_easy_strerror(code));
}

void Lines::add(const std::string& line) {
  curl_slist* longer = curl_slist_append(list_, line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  list_ = longer;
}

Lines mail_headers(const SmtpSettings& settings, const OutboundMessage& message, UtcTime now) {
  Lines headers;
  headers.add("From: " + settings.from.header_text());
  headers.add("To: <" + message.recipient + ">");
  if (!settings.identity.reply_to.empty()) headers.add("Reply-To: " + settings.identity.reply_to.header_text());
  headers.add("Subject: " + encoded_header_text(message.subject));
  headers.add("Date: " + mail_date(now));
  headers.add("Message-ID: <" + mail_id(settings, message) + ">");
  for (const auto& [name, value] : unsubscribe_headers(message.unsubscribe_url)) headers.add(name + ": " + value);
  headers.add("X-Carillon-Message-Id: " + single_line(message.message_id));
  headers.add("X-Carillon-Attempt: " + std::to_string(message.attempt));
  if (!message.template_key.empty()) headers.add("X-Carillon-Template: " + single_line(message.template_key));
  return headers;
}

MailBody::MailBody(CURL* curl, const OutboundMessage& message) : mixed_(curl_mime_init(curl), curl_mime_free) {
  if (mixed_ == nullptr) throw std::bad_alloc();
  add_texts(curl, message);
  for (const Attachment& attachment : message.attachments) add_attachment(attachment);
}

bool MailBody::all_read() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.end_read; });
}

std::size_t MailBody::read(char* buffer, std::size_t size, std::size_t count, void* argument) {
  auto& part = *static_cast<Part*>(argument);
  const std::size_t length = std::min(size * count, part.bytes.size() - part.at);
  std::memcpy(buffer, part.bytes.data() + part.at, length);
  part.at += length;
  if (part.at == part.bytes.size()) part.end_read = true;
  return length;
}

int MailBody::seek(void* argument, curl_off_t offset, int origin) {
  auto& part = *static_cast<Part*>(argument);
  if (origin != SEEK_SET || offset < 0 || static_cast<std::size_t>(offset) > part.bytes.size())
    return CURL_SEEKFUNC_CANTSEEK;
  part.at = static_cast<std::size_t>(offset);
  part.end_read = part.at == part.bytes.size();
  return CURL_SEEKFUNC_OK;
}

curl_mimepart* MailBody::add(curl_mime* to, std::string_view bytes, const char* type, const char* encoder) {
  Part& part = parts_.emplace_back(Part{bytes, 0, bytes.empty()});
  curl_mimepart* added = curl_mime_addpart(to);
  check(curl_mime_data_cb(added, static_cast<curl_off_t>(bytes.size()), read, seek, nullptr, &part));
  check(curl_mime_type(added, type));
  check(curl_mime_encoder(added, encoder));
  return added;
}

void MailBody::add_text(curl_mime* to, std::string_view text, const char* type) {
  add(to, texts_.emplace_back(with_mail_line_ends(text)), type, as_text);
}

void MailBody::add_texts(CURL* curl, const OutboundMessage& message) {
  if (message.html.empty()) {
    add_text(mixed_.get(), message.text, text_type);
  } else if (message.text.empty()) {
    add_text(mixed_.get(), message.html, html_type);
  } else {
    curl_mime* alternative = curl_mime_init(curl);
    curl_mimepart* part = curl_mime_addpart(mixed_.get());
    check(curl_mime_subparts(part, alternative));  // owns it from here
    check(curl_mime_type(part, "multipart/alternative"));
    add_text(alternative, message.text, text_type);
    add_text(alternative, message.html, html_type);
  }
}

void MailBody::add_attachment(const Attachment& attachment) {
  curl_mimepart* part =
      add(mixed_.get(), bytes_of(attachment), safe_content_type(attachment.content_type).c_str(), as_bytes);
  // libcurl itself would write the name without encoding it.
  Lines headers;
  headers.add(attachment_disposition(safe_file_name(attachment.file_name)));
  check(curl_mime_headers(part, headers.get(), 1));  // owns the lines from here
  headers.release();
}

}  // namespace carillon::dispatcher::smtp
