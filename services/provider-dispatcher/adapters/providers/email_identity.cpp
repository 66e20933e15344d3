#include "provider-dispatcher/adapters/providers/email_identity.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/header_text.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_atom_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(" !#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
  });
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string Mailbox::text() const {
  if (display_name.empty()) return address;
  return (is_atom_text(display_name) ? display_name : quoted(display_name)) + " <" + address + ">";
}

std::string Mailbox::header_text() const {
  if (display_name.empty()) return address;
  const bool ascii = std::all_of(display_name.begin(), display_name.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? text() : encoded_header_text(display_name) + " <" + address + ">";
}

std::optional<Mailbox> parse_mailbox(std::string_view text) {
  if (has_control_characters(text)) return std::nullopt;
  text = trimmed(text);
  Mailbox mailbox;
  if (!text.empty() && text.back() == '>') {
    const std::size_t open = text.rfind('<');
    if (open == std::string_view::npos) return std::nullopt;
    std::string_view name = trimmed(text.substr(0, open));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    mailbox.display_name = name;
    text = text.substr(open + 1, text.size() - open - 2);
  }
  auto address = parse_email(text);
  if (!address) return std::nullopt;
  mailbox.address = std::move(*address);
  return mailbox;
}

Mailbox read_mailbox(service::Settings& settings, const std::string& name, const std::string& description) {
  const std::string value = settings.text(name, "", description);
  if (value.empty()) return {};
  if (auto mailbox = parse_mailbox(value)) return *mailbox;
  settings.error(name +
                 " is not an e-mail address; write it as \"bell@example.com\" or \"Carillon <bell@example.com>\"");
  return {};
}

std::string read_header_secret(service::Settings& settings, const std::string& name, const std::string& description) {
  std::string value = settings.secret(name, description);
  if (!has_control_characters(value)) return value;
  settings.error(name + " holds a line break or another control character; remove it");
  return {};
}

EmailIdentity EmailIdentity::read(service::Settings& settings) {
  EmailIdentity identity;
  identity.sender =
      read_mailbox(settings, "EMAIL_SENDER",
                   "Sender of every e-mail, \"Name <address>\"; without it no e-mail provider is configured");
  identity.reply_to = read_mailbox(settings, "EMAIL_REPLY_TO", "Reply-To of every e-mail");
  return identity;
}

}  // namespace carillon::dispatcher
