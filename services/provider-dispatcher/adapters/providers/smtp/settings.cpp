#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr int connections_max = 64;  // each has a thread

bool is_host(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

SmtpTls tls_of(const std::string& name) {
  if (name == "none") return SmtpTls::NONE;
  return name == "implicit" ? SmtpTls::IMPLICIT : SmtpTls::STARTTLS;
}

}  // namespace

SmtpSettings SmtpSettings::read(service::Settings& settings) {
  SmtpSettings out;
  out.host = settings.text("SMTP_HOST", "", "Host of the SMTP relay; without it smtp is skipped");
  if (!is_host(out.host)) {
    settings.error("SMTP_HOST must be a host name or address alone, without port or scheme");
    out.host.clear();
  }
  out.port = static_cast<int>(settings.integer("SMTP_PORT", 587, 1, 65'535, "Port of the SMTP relay"));
  out.user = settings.text("SMTP_USER", "", "User at the SMTP relay; empty = no authentication");
  if (has_control_characters(out.user))
    settings.error("SMTP_USER holds a line break or another control character; remove it");
  out.pass = read_header_secret(settings, "SMTP_PASS", "Password at the SMTP relay");
  out.from = read_mailbox(settings, "SMTP_FROM", "Sender of e-mail over SMTP; EMAIL_SENDER where empty");
  out.identity = EmailIdentity::read(settings);
  if (out.from.empty()) out.from = out.identity.sender;
  out.tls = tls_of(settings.one_of("SMTP_TLS", "starttls", {"starttls", "none", "implicit"},
                                   "How the connection to the SMTP relay is encrypted"));
  out.ca_file = settings.text("SMTP_CA_FILE", "",
                              "PEM file of the authorities that may have signed the relay's certificate; empty = the "
                              "system's");
  if (!out.ca_file.empty() && ::access(out.ca_file.c_str(), R_OK) != 0)
    settings.error("SMTP_CA_FILE: " + out.ca_file + " can't be read");
  out.rate_per_second = settings.number("SMTP_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Mails a second over SMTP, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(settings.integer("SMTP_CONCURRENCY", 8, 1, connections_max,
                                                      "Connections to the SMTP relay at once from one process"));
  return out;
}

std::string SmtpSettings::missing() const {
  return names_of_missing({{"SMTP_HOST", !host.empty()}, {"EMAIL_SENDER", !identity.sender.empty()}});
}

}  // namespace carillon::dispatcher
