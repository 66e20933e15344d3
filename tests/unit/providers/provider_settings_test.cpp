#include <catch2/catch.hpp>

#include "provider-dispatcher/adapters/providers/console/settings.hpp"
#include "provider-dispatcher/adapters/providers/postmark/settings.hpp"
#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"
#include "provider-dispatcher/adapters/providers/twilio/settings.hpp"

namespace {

using namespace carillon::dispatcher;
using carillon::service::Environment;
using carillon::service::Settings;
using carillon::service::SettingsError;

template <class T>
T read(const Environment& environment) {
  Settings settings(environment);
  T out = T::read(settings);
  settings.finish();
  return out;
}

template <class T>
std::string error_of(const Environment& environment) {
  try {
    read<T>(environment);
    return "accepted";
  } catch (const SettingsError& error) {
    return error.what();
  }
}

TEST_CASE("provider settings: without any, every provider says what it misses") {
  CHECK(read<PostmarkSettings>({}).missing() == "POSTMARK_SERVER_TOKEN, EMAIL_SENDER");
  CHECK(read<SmtpSettings>({}).missing() == "SMTP_HOST, EMAIL_SENDER");
  CHECK(read<TwilioSettings>({}).missing() ==
        "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_MESSAGING_SERVICE_SID or TWILIO_PHONE_NUMBER");
  CHECK(read<ConsoleSettings>({}).missing() ==
        "SMS_CONSOLE_ENABLED=true, CARILLON_CONSOLE_FILE or CARILLON_SANDBOX_URL");
}

TEST_CASE("provider settings: EMAIL_SENDER is required for every e-mail provider") {
  CHECK(read<PostmarkSettings>({{"POSTMARK_SERVER_TOKEN", "t"}}).missing() == "EMAIL_SENDER");
  CHECK(read<SmtpSettings>({{"SMTP_HOST", "relay"}, {"SMTP_FROM", "a@example.com"}}).missing() == "EMAIL_SENDER");
  CHECK(read<PostmarkSettings>({{"POSTMARK_SERVER_TOKEN", "t"}, {"EMAIL_SENDER", "a@example.com"}}).missing().empty());
}

TEST_CASE("provider settings: defaults") {
  const auto postmark = read<PostmarkSettings>({});
  CHECK(postmark.base_url == "https://api.postmarkapp.com");
  CHECK(postmark.message_stream == "outbound");
  CHECK(postmark.concurrency == 32);
  CHECK(postmark.rate_per_second == 0);
  const auto smtp = read<SmtpSettings>({{"EMAIL_SENDER", "a@example.com"}});
  CHECK(smtp.port == 587);
  CHECK(smtp.tls == SmtpTls::STARTTLS);
  CHECK(smtp.concurrency == 8);
  CHECK(smtp.from.address == "a@example.com");
  CHECK(read<TwilioSettings>({}).base_url == "https://api.twilio.com");
  CHECK_FALSE(read<ConsoleSettings>({}).enabled);
}

TEST_CASE("provider settings: while TWILIO_AUTH_TOKEN is replaced, calls use the first of two") {
  CHECK(read<TwilioSettings>({{"TWILIO_AUTH_TOKEN", "new"}}).auth_token == "new");
  CHECK(read<TwilioSettings>({{"TWILIO_AUTH_TOKEN", "new, old"}}).auth_token == "new");
  for (const char* value : {"new,", ",old", "a,b,c", ","}) {
    CHECK(error_of<TwilioSettings>({{"TWILIO_AUTH_TOKEN", value}}).find("TWILIO_AUTH_TOKEN") != std::string::npos);
  }
}

TEST_CASE("provider settings: bad values are refused with the name of the setting") {
  CHECK(error_of<PostmarkSettings>({{"EMAIL_SENDER", "nobody"}}).find("EMAIL_SENDER") != std::string::npos);
  CHECK(error_of<PostmarkSettings>({{"POSTMARK_SERVER_TOKEN", "a\r\nX-Evil: 1"}}).find("POSTMARK_SERVER_TOKEN") !=
        std::string::npos);
  CHECK(error_of<SmtpSettings>({{"SMTP_HOST", "smtp://relay:25"}}).find("SMTP_HOST") != std::string::npos);
  CHECK(error_of<SmtpSettings>({{"SMTP_TLS", "maybe"}}).find("SMTP_TLS") != std::string::npos);
  CHECK(error_of<TwilioSettings>({{"TWILIO_PHONE_NUMBER", "07700900123"}}).find("TWILIO_PHONE_NUMBER") !=
        std::string::npos);
  CHECK(error_of<TwilioSettings>({{"TWILIO_ACCOUNT_SID", "AC/../1"}}).find("TWILIO_ACCOUNT_SID") != std::string::npos);
}

}  // namespace
