#include "orchestrator/settings.hpp"

#include "attachments/limits.hpp"
#include "values/recipient.hpp"
#include "values/slack_webhook.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::int64_t per_minute_limit_max = 10'000'000;
constexpr std::int64_t attachment_bytes_per_owner_max = 1LL << 40;

void check_emails(service::Settings& settings, const char* name, const std::vector<std::string>& addresses) {
  for (const std::string& address : addresses) {
    if (!parse_email(address))
      settings.error(std::string(name) +
                     ": holds something that is not an e-mail address; give addresses separated by commas");
  }
}

}  // namespace

OrchestratorSettings OrchestratorSettings::read(service::Settings& settings) {
  OrchestratorSettings read;
  read.staff.ops_emails = settings.list("OPS_ALERT_EMAIL", "", "Addresses that get OPS alerts");
  read.staff.admin_emails = settings.list("ADMIN_ALERT_EMAILS", "", "Addresses that get ADMIN alerts");
  read.staff.ops_phone_numbers =
      settings.list("OPS_ALERT_PHONE_NUMBERS", "", "Phone numbers (E.164) that get OPS_ALERT_SMS");
  check_emails(settings, "OPS_ALERT_EMAIL", read.staff.ops_emails);
  check_emails(settings, "ADMIN_ALERT_EMAILS", read.staff.admin_emails);
  for (const std::string& number : read.staff.ops_phone_numbers) {
    if (!parse_e164(number))
      settings.error("OPS_ALERT_PHONE_NUMBERS: holds something that is not a number like +441632960000");
  }
  read.email_per_minute_limit = settings.integer("NOTIFICATION_EMAIL_PER_MINUTE_LIMIT", 60, 0, per_minute_limit_max,
                                                 "E-mails in any 60 s over all instances; 0 = no limit");
  read.sms_per_minute_limit = settings.integer("NOTIFICATION_SMS_PER_MINUTE_LIMIT", 30, 0, per_minute_limit_max,
                                               "SMS in any 60 s over all instances; 0 = no limit");
  read.ingress_queue_max = static_cast<std::size_t>(
      settings.integer("NOTIFICATION_INGRESS_QUEUE_MAX", 10'000, 1, 1'000'000,
                       "Accepted requests that may wait for their commit; more are answered 503"));
  read.ingress_batch_max = static_cast<std::size_t>(
      settings.integer("NOTIFICATION_INGRESS_BATCH_MAX", 256, 1, 5'000, "Requests committed together at most"));
  read.public_url =
      settings.url("CARILLON_PUBLIC_URL", "",
                   "Where this platform is reached from outside: the beginning of links in mails, and what "
                   "providers call back; without it mails carry no link to unsubscribe");
  while (!read.public_url.empty() && read.public_url.back() == '/') read.public_url.pop_back();
  read.attachment_retention = std::chrono::hours(
      24 * settings.integer("CARILLON_ATTACHMENT_RETENTION_DAYS", 7, 2, 365,
                            "Days an attachment is kept after its upload and after each message that named it"));
  read.attachment_bytes_per_owner = settings.integer(
      "CARILLON_ATTACHMENT_BYTES_PER_OWNER", attachment_bytes_per_owner_default, attachments::attachment_bytes_max,
      attachment_bytes_per_owner_max,
      "Bytes of attachments that are kept at once for one owner of API keys; a file counts as 16 KiB at "
      "least, more are answered 429");
  auto hosts = carillon::slack_hosts(settings.list("SLACK_ALLOWED_HOSTS", "", slack_allowed_hosts_description));
  if (!hosts) settings.error(hosts.error().detail);
  if (hosts) read.slack_hosts = std::move(*hosts);
  return read;
}

}  // namespace carillon::orchestrator
