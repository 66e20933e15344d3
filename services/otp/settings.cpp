#include "otp/settings.hpp"

#include "limits/limit_settings.hpp"
#include "otp/core/code.hpp"
#include "values/recipient.hpp"

namespace carillon::otp {
namespace {

std::chrono::seconds seconds(service::Settings& settings, const char* name, int default_value, int min, int max,
                             const char* description, std::source_location where = std::source_location::current()) {
  return std::chrono::seconds{settings.integer(name, default_value, min, max, description, where)};
}

void read_test_numbers(service::Settings& settings, Rules& rules) {
  const auto pairs = settings.list("OTP_TEST_NUMBERS", "",
                                   "Numbers with fixed codes to which nothing is sent, like +441632960001=123456; only "
                                   "with OTP_ALLOW_TEST_NUMBERS, never in production");
  const bool allowed =
      settings.flag("OTP_ALLOW_TEST_NUMBERS", false, "Whether OTP_TEST_NUMBERS may be set; leave it off in production");
  if (!pairs.empty() && !allowed)
    settings.error(
        "OTP_TEST_NUMBERS: anybody who knows these codes passes; set OTP_ALLOW_TEST_NUMBERS=true where that "
        "does no harm, or remove it");
  for (const std::string& pair : pairs) {
    const auto equals = pair.find('=');
    const std::string number = pair.substr(0, equals);
    const std::string code = equals == std::string::npos ? "" : pair.substr(equals + 1);
    if (parse_e164(number) && is_code(code)) {
      rules.test_codes.emplace(number, code);
    } else {
      settings.error("OTP_TEST_NUMBERS: give numbers and six digits like +441632960001=123456, separated by commas");
    }
  }
}

}  // namespace

OtpSettings OtpSettings::read(service::Settings& settings) {
  OtpSettings read;
  Rules& rules = read.rules;
  read.pepper = settings.secret("OTP_PEPPER",
                                "Key of the codes' hashes, at least 32 characters. Keep it outside the database; "
                                "without it no code is sent. A change makes the codes under way worthless");
  if (!read.pepper.empty() && read.pepper.size() < pepper_bytes_min)
    settings.error("OTP_PEPPER: needs at least 32 characters; `openssl rand -hex 32` makes some");
  rules.code_ttl = seconds(settings, "OTP_TTL_SECONDS", 600, 10, 3'600, "How long a code is valid");
  rules.sends =
      rate_limit_setting(settings, "OTP_SEND_RATE_LIMIT", "3/30m", "Codes for one recipient, over all actions");
  rules.resend_cooldown = seconds(settings, "OTP_RESEND_COOLDOWN_SECONDS", 0, 0, 3'600,
                                  "Time between two codes for one recipient; 60 in stricter set-ups");
  rules.attempts_max = static_cast<int>(settings.integer(
      "OTP_MAX_ATTEMPTS", 5, 1, 100, "Wrong codes, over all actions of a recipient, before the lockout"));
  rules.lockout = seconds(settings, "OTP_LOCKOUT_SECONDS", 900, 1, 86'400,
                          "How long a recipient is locked out after too many wrong codes");
  rules.step_up_ttl = seconds(settings, "OTP_STEP_UP_TTL_SECONDS", 300, 10, 3'600,
                              "How long the token for a SENSITIVE_ACTION can be used");
  rules.sends_per_ip =
      rate_limit_setting(settings, "OTP_IP_SEND_RATE_LIMIT", "100/1h", "Codes asked for from one address");
  rules.checks_per_ip =
      rate_limit_setting(settings, "OTP_IP_VERIFY_RATE_LIMIT", "300/1h", "Codes tried from one address");
  rules.sends_per_prefix = rate_limit_setting(settings, "OTP_PREFIX_RATE_LIMIT", "1000/1h",
                                              "Codes for numbers that differ in their last four digits only");
  rules.sends_per_country =
      rate_limit_setting(settings, "OTP_COUNTRY_RATE_LIMIT", "10000/1h", "Codes for numbers of one calling code");
  rules.allowed_countries =
      settings.list("OTP_ALLOWED_COUNTRIES", "",
                    "Calling codes, or longer beginnings of numbers, that codes are sent to, like +44,+49; empty: all");
  for (const std::string& beginning : rules.allowed_countries) {
    const bool digits = beginning.size() > 1 && beginning.front() == '+' &&
                        beginning.find_first_not_of("0123456789", 1) == std::string::npos;
    if (!digits) settings.error("OTP_ALLOWED_COUNTRIES: give beginnings of numbers like +44, separated by commas");
  }
  read_test_numbers(settings, rules);
  read.conversion.percent_min = settings.integer("OTP_CONVERSION_ALARM_PERCENT", 30, 0, 100,
                                                 "OPS get OPS_ALERT_OTP_CONVERSION when less than this part of a "
                                                 "country's codes is used within an hour; 0 = never");
  read.conversion.sends_min =
      settings.integer("OTP_CONVERSION_ALARM_MIN_SENDS", 50, 1, 1'000'000, "Fewer codes an hour raise no alarm");
  read.is_public = settings.one_of("OTP_ACCESS", "key", {"key", "public"},
                                   "Who may call /api/otp/send and /api/otp/verify: holders of an API key with the "
                                   "scope otp, or anybody (browsers, apps)") == "public";
  read.trusted_proxies =
      networks_setting(settings, "OTP_TRUSTED_PROXIES",
                       "Addresses or networks whose X-Forwarded-For is believed, such as 10.0.0.0/8: your proxies, and "
                       "services that hand their user's address on");
  read.answer_interval = std::chrono::milliseconds{
      settings.integer("OTP_ANSWER_INTERVAL_MS", 25, 0, 1'000,
                       "Answers leave at whole multiples of this after the question came, so that their time tells "
                       "nothing; 0 = at once")};
  read.queue_max = static_cast<std::size_t>(settings.integer(
      "OTP_QUEUE_MAX", 5'000, 1, 100'000, "OTP requests that may wait for their commit; more are answered 503"));
  return read;
}

}  // namespace carillon::otp
