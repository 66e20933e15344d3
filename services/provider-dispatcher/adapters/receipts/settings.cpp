#include "provider-dispatcher/adapters/receipts/settings.hpp"

#include <fstream>
#include <iterator>

#include "provider-dispatcher/adapters/providers/replaced_secret.hpp"
#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "provider-dispatcher/adapters/providers/twilio/settings.hpp"

namespace carillon::dispatcher {

namespace {

namespace webhooks = security::webhooks;

// SendGrid repeats refused events for 24 hours and does not say whether it signs them anew; repeats change nothing.
constexpr std::int64_t sendgrid_tolerance_default = 86'400;
constexpr std::int64_t sendgrid_tolerance_max = 7 * 86'400;

void read_postmark(service::Settings& settings, ReceiptSettings& out) {
  out.postmark_tokens = read_replaced_secret(
      settings, "POSTMARK_WEBHOOK_TOKEN",
      "Token that Postmark's webhook URL ends with: ?token=...; two, separated by a comma, while it is replaced");
  const std::string name =
      settings.text("POSTMARK_WEBHOOK_USER", "", "User in Postmark's webhook URL (basic authentication)");
  const auto passwords =
      read_replaced_secret(settings, "POSTMARK_WEBHOOK_PASSWORD",
                           "Password in Postmark's webhook URL; two, separated by a comma, while it is replaced");
  if (name.empty() != passwords.empty()) {
    settings.error("POSTMARK_WEBHOOK_USER and POSTMARK_WEBHOOK_PASSWORD: set both or none");
  } else if (name.find(':') != std::string::npos) {
    settings.error("POSTMARK_WEBHOOK_USER must not hold ':'");
  } else {
    for (const std::string& password : passwords) out.postmark_users.push_back({name, password});
  }
}

void read_sendgrid(service::Settings& settings, ReceiptSettings& out) {
  const auto keys = settings.list("SENDGRID_WEBHOOK_PUBLIC_KEY", "",
                                  "Verification key of SendGrid's signed event webhook, as its settings page shows it; "
                                  "two while one is replaced");
  for (const std::string& text : keys) {
    auto key = webhooks::SendGridKey::from_base64(text);
    if (key) {
      out.sendgrid_keys.push_back(*key);
    } else {
      settings.error("SENDGRID_WEBHOOK_PUBLIC_KEY: " + key.error().detail);
    }
  }
  out.sendgrid_tolerance = std::chrono::seconds{
      settings.integer("SENDGRID_WEBHOOK_TOLERANCE_SECONDS", sendgrid_tolerance_default, 1, sendgrid_tolerance_max,
                       "How far the time of a signed event webhook may be from ours")};
}

webhooks::TrustStore read_roots(const std::string& path, service::Settings& settings) {
  auto roots = webhooks::TrustStore::system();
  if (!path.empty()) {
    std::ifstream file(path, std::ios::binary);
    const std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto own = webhooks::TrustStore::from_pem(pem);
    if (own) return *own;
    settings.error("SNS_TRUST_STORE_FILE: " + path + " holds no certificates that can be read (PEM)");
  }
  if (!roots) throw std::runtime_error(roots.error().detail);
  return *roots;
}

void read_ses(service::Settings& settings, ReceiptSettings& out) {
  const auto topics = settings.list("SES_WEBHOOK_TOPIC_ARNS", "",
                                    "SNS topics that SES publishes to; messages of other topics are refused");
  for (const std::string& topic : topics) {
    const bool is_topic = topic.starts_with("arn:aws") && topic.find(":sns:") != std::string::npos;
    if (is_topic) {
      out.ses_topic_arns.push_back(topic);
    } else {
      settings.error("SES_WEBHOOK_TOPIC_ARNS: \"" + topic +
                     "\" is no topic; write arn:aws:sns:<region>:<account>:<name>");
    }
  }
  const std::string roots = settings.text("SNS_TRUST_STORE_FILE", "",
                                          "PEM file of the roots that SNS's certificate must lead to; empty = the "
                                          "system's. For tests and the sandbox");
  out.sns_base_url = without_trailing_slash(settings.url(
      "SNS_WEBHOOK_BASE_URL", "",
      "Where the certificates and confirmation links in SNS's messages are called instead of SNS; for tests "
      "and the sandbox"));
  if (!out.ses_topic_arns.empty() || !roots.empty()) out.sns_trust = read_roots(roots, settings);
}

}  // namespace

ReceiptSettings ReceiptSettings::read(service::Settings& settings) {
  ReceiptSettings out;
  read_postmark(settings, out);
  read_sendgrid(settings, out);
  read_ses(settings, out);
  out.twilio_tokens = read_twilio_auth_tokens(settings);
  out.twilio_status_url = read_twilio_status_url(settings);
  out.twilio_answers_url = dispatcher::twilio_answers_url(out.twilio_status_url);
  return out;
}

std::set<std::string> ReceiptSettings::configured() const {
  std::set<std::string> names;
  if (postmark()) names.insert("postmark");
  if (sendgrid()) names.insert("sendgrid");
  if (ses()) names.insert("ses");
  if (twilio()) names.insert("twilio");
  return names;
}

}  // namespace carillon::dispatcher
