#include "orchestrator/settings.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using orchestrator::OrchestratorSettings;

namespace {

std::string errors_of(service::Environment environment) {
  service::Settings settings(std::move(environment));
  OrchestratorSettings::read(settings);
  try {
    settings.finish();
  } catch (const service::SettingsError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("settings: without any the limits are 60 e-mails and 30 SMS a minute, and there are no staff addresses") {
  service::Settings settings(service::Environment{});
  const auto read = OrchestratorSettings::read(settings);
  CHECK_NOTHROW(settings.finish());
  CHECK(read.email_per_minute_limit == 60);
  CHECK(read.sms_per_minute_limit == 30);
  CHECK(read.staff.admin_emails.empty());
}

TEST_CASE("settings: staff addresses are lists, and a bad one is reported by the setting's name") {
  service::Settings settings(service::Environment{{"ADMIN_ALERT_EMAILS", "ann@example.com, bob@example.com"}});
  CHECK(OrchestratorSettings::read(settings).staff.admin_emails ==
        std::vector<std::string>{"ann@example.com", "bob@example.com"});
  CHECK(errors_of({{"OPS_ALERT_EMAIL", "not an address"}}).find("OPS_ALERT_EMAIL") != std::string::npos);
  CHECK(errors_of({{"OPS_ALERT_PHONE_NUMBERS", "07700 900123"}}).find("OPS_ALERT_PHONE_NUMBERS") != std::string::npos);
  CHECK(errors_of({{"NOTIFICATION_SMS_PER_MINUTE_LIMIT", "-1"}}).find("NOTIFICATION_SMS_PER_MINUTE_LIMIT") !=
        std::string::npos);
}

TEST_CASE("settings: the public address loses its last slash, files are kept seven days unless said otherwise") {
  service::Settings settings(service::Environment{{"CARILLON_PUBLIC_URL", "https://mail.example.com/n/"}});
  const auto read = OrchestratorSettings::read(settings);
  CHECK_NOTHROW(settings.finish());
  CHECK(read.public_url == "https://mail.example.com/n");
  CHECK(read.attachment_retention == std::chrono::hours(168));
  service::Settings none(service::Environment{{"CARILLON_ATTACHMENT_RETENTION_DAYS", "30"}});
  CHECK(OrchestratorSettings::read(none).public_url.empty());
  service::Settings month(service::Environment{{"CARILLON_ATTACHMENT_RETENTION_DAYS", "30"}});
  CHECK(OrchestratorSettings::read(month).attachment_retention == std::chrono::hours(720));
  CHECK(errors_of({{"CARILLON_PUBLIC_URL", "mail.example.com"}}).find("CARILLON_PUBLIC_URL") != std::string::npos);
  CHECK(errors_of({{"CARILLON_ATTACHMENT_RETENTION_DAYS", "1"}}).find("CARILLON_ATTACHMENT_RETENTION_DAYS") !=
        std::string::npos);
}

TEST_CASE("settings: an owner of keys may store 1 GiB of attachments unless said otherwise, and one file at least") {
  service::Settings none(service::Environment{});
  CHECK(OrchestratorSettings::read(none).attachment_bytes_per_owner == 1'073'741'824);
  service::Settings more(service::Environment{{"CARILLON_ATTACHMENT_BYTES_PER_OWNER", "5000000000"}});
  CHECK(OrchestratorSettings::read(more).attachment_bytes_per_owner == 5'000'000'000);
  CHECK(errors_of({{"CARILLON_ATTACHMENT_BYTES_PER_OWNER", "7340031"}}).find("CARILLON_ATTACHMENT_BYTES_PER_OWNER") !=
        std::string::npos);
}
