// Who e-mail comes from: EMAIL_SENDER and EMAIL_REPLY_TO, for every e-mail provider alike.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "service/settings.hpp"

namespace carillon::dispatcher {

// "Carillon <bell@example.com>" or "bell@example.com".
struct Mailbox {
  std::string display_name;  // may be empty
  std::string address;
  bool empty() const { return address.empty(); }
  std::string domain() const { return address.substr(address.find('@') + 1); }
  std::string text() const;         // as one writes it: name in quotes where it needs them
  std::string header_text() const;  // the same, ready for a mail header (RFC 2047)
};

std::optional<Mailbox> parse_mailbox(std::string_view text);  // nullopt: control characters or no valid address

struct EmailIdentity {
  Mailbox sender;    // EMAIL_SENDER; empty: no e-mail provider is configured
  Mailbox reply_to;  // EMAIL_REPLY_TO; may be empty
  static EmailIdentity read(service::Settings& settings);
};

// Reads a mailbox setting; "" gives an empty one, a bad value is an error of the settings.
Mailbox read_mailbox(service::Settings& settings, const std::string& name, const std::string& description);

// Reads a secret that becomes part of a header or URL: control characters in it are an error of the settings.
std::string read_header_secret(service::Settings& settings, const std::string& name, const std::string& description);

}  // namespace carillon::dispatcher
