// What the webhooks of providers are checked with. A provider without its settings answers 404.
#pragma once
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "security/webhooks/postmark_access.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_certificate.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct ReceiptSettings {
  std::vector<std::string> postmark_tokens;                      // POSTMARK_WEBHOOK_TOKEN; two while one is replaced
  std::vector<security::webhooks::PostmarkUser> postmark_users;  // POSTMARK_WEBHOOK_USER, _PASSWORD
  std::vector<security::webhooks::SendGridKey> sendgrid_keys;    // SENDGRID_WEBHOOK_PUBLIC_KEY
  std::chrono::seconds sendgrid_tolerance{0};                    // SENDGRID_WEBHOOK_TOLERANCE_SECONDS
  std::vector<std::string> ses_topic_arns;                       // SES_WEBHOOK_TOPIC_ARNS
  std::optional<security::webhooks::TrustStore> sns_trust;       // SNS_TRUST_STORE_FILE; set where there are topics
  std::string sns_base_url;                                      // SNS_WEBHOOK_BASE_URL; "" = SNS itself
  std::vector<std::string> twilio_tokens;                        // TWILIO_AUTH_TOKEN
  std::string twilio_status_url;                                 // read_twilio_status_url()
  std::string twilio_answers_url;                                // that, with answers in place of status

  static ReceiptSettings read(service::Settings& settings);

  bool postmark() const { return !postmark_tokens.empty() || !postmark_users.empty(); }
  bool sendgrid() const { return !sendgrid_keys.empty(); }
  bool ses() const { return !ses_topic_arns.empty(); }
  bool twilio() const { return !twilio_tokens.empty() && !twilio_status_url.empty(); }
  std::set<std::string> configured() const;  // the providers' names
};

}  // namespace carillon::dispatcher
