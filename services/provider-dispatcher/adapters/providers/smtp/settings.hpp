#pragma once
#include <string>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

enum class SmtpTls { STARTTLS, NONE, IMPLICIT };

struct SmtpSettings {
  std::string host;  // SMTP_HOST
  int port = 587;    // SMTP_PORT
  std::string user;  // SMTP_USER, "" = no authentication
  std::string pass;  // SMTP_PASS
  Mailbox from;      // SMTP_FROM, else EMAIL_SENDER
  EmailIdentity identity;
  SmtpTls tls = SmtpTls::STARTTLS;  // SMTP_TLS
  std::string ca_file;              // SMTP_CA_FILE, "" = the system's certificates
  double rate_per_second = 0;       // SMTP_RATE_PER_SECOND
  int concurrency = 8;              // SMTP_CONCURRENCY: connections and threads

  static SmtpSettings read(service::Settings& settings);
  std::string missing() const;
};

}  // namespace carillon::dispatcher
