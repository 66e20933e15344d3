#include "orchestrator/core/preferences.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/app/template_seeds.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using events::Channel;

namespace {

const TemplateCatalog& catalog() {
  static const TemplateCatalog all = [] {
    TemplateCatalog made;
    for (const TemplateSeed& seed : template_seeds()) made.add({seed.meta, 1, {}});
    return made;
  }();
  return all;
}

Result<WishesChange> read(const std::string& json, bool of_recipient = false) {
  return read_wishes(json, catalog(), of_recipient);
}

std::string one(const std::string& channel, const std::string& scope, const std::string& enabled = "false") {
  return R"({"preferences":[{"channel":")" + channel + R"(","scope":")" + scope + R"(","enabled":)" + enabled + "}]}";
}

std::string refusal(const std::string& json, bool of_recipient = false) {
  const auto read_ = read(json, of_recipient);
  return read_ ? "" : read_.error().code + " " + read_.error().detail.substr(0, read_.error().detail.find(": "));
}

}  // namespace

TEST_CASE("preferences: a template, its alias, a category or everything, by channel") {
  const auto change = read(
      R"({"preferences":[{"channel":"EMAIL","scope":"digests","enabled":false},)"
      R"({"channel":"SMS","scope":"COMPLIANCE_EXPIRY_SMS","enabled":true},{"channel":"EMAIL","scope":"*","enabled":false}],)"
      R"("quiet_hours":"22:00-07:00"})");
  REQUIRE(change);
  REQUIRE(change->preferences);
  CHECK(*change->preferences == std::vector<Preference>{{Channel::EMAIL, "digests", false},
                                                        {Channel::SMS, "COMPLIANCE_EXPIRY_REMINDER_SMS", true},
                                                        {Channel::EMAIL, "*", false}});
  CHECK(change->quiet_hours == QuietHours{std::chrono::hours(22), std::chrono::hours(7)});
  const auto none = read(R"({"quiet_hours":null})");
  REQUIRE(none);
  CHECK_FALSE(none->preferences);
  CHECK(none->sets_quiet_hours);
  CHECK_FALSE(none->quiet_hours);
  CHECK(read(R"({"preferences":[]})")->preferences->empty());
}

TEST_CASE("preferences: what is unknown is named, and nothing of it is taken") {
  CHECK(refusal("[]") == "MALFORMED_JSON body");
  CHECK(refusal("{}") == "INVALID_FIELD body");
  CHECK(refusal(R"({"quiet":null})") == "INVALID_FIELD body");
  CHECK(refusal(R"({"quiet_hours":"22-7"})") == "INVALID_FIELD quiet_hours");
  CHECK(refusal(R"({"quiet_hours":22})") == "INVALID_FIELD quiet_hours");
  CHECK(refusal(R"({"preferences":{}})") == "INVALID_FIELD preferences");
  CHECK(refusal(R"({"preferences":[1]})") == "INVALID_FIELD preferences[0]");
  CHECK(refusal(R"({"preferences":[{"channel":"EMAIL","scope":"digests"}]})") ==
        "INVALID_FIELD preferences[0].enabled");
  CHECK(refusal(one("FAX", "digests")) == "INVALID_FIELD preferences[0].channel");
  CHECK(refusal(one("EMAIL", "digest")) == "INVALID_FIELD preferences[0].scope");
  CHECK(refusal(one("EMAIL", "")) == "INVALID_FIELD preferences[0].scope");
  CHECK(refusal(one("EMAIL", "NO_SUCH_TEMPLATE")) == "INVALID_FIELD preferences[0].scope");
  CHECK(refusal(one("EMAIL", "alerts")) == "INVALID_FIELD preferences[0].scope");  // of our own staff
  CHECK(refusal(one("SMS", "MONTHLY_DIGEST")) == "INVALID_FIELD preferences[0].channel");
  CHECK(refusal(one("SMS", "digests")) == "INVALID_FIELD preferences[0].channel");
  CHECK(refusal(one("EMAIL", "digests", "0")) == "INVALID_FIELD preferences[0].enabled");
  CHECK(refusal(R"({"preferences":[],"quiet_hours":null})", true) == "INVALID_FIELD body");
  std::string twice = one("EMAIL", "digests");
  twice.insert(twice.size() - 2, R"(,{"channel":"EMAIL","scope":"digests","enabled":true})");
  CHECK(refusal(twice) == "INVALID_FIELD preferences[1]");
  std::string many = R"({"preferences":[)";
  for (std::size_t i = 0; i <= preferences_max; ++i) many += i == 0 ? "1" : ",1";
  CHECK(refusal(many + "]}") == "INVALID_FIELD preferences");
}

TEST_CASE("preferences: billing, codes, links to log in and mail to staff can't be switched off") {
  for (const char* key :
       {"PAYMENT_FAILED", "SUBSCRIPTION_CONFIRMED", "PASSWORD_RESET", "WELCOME_EMAIL", "OTP_CODE_EMAIL",
        "ACCOUNT_VERIFY", "OPS_ALERT_SPEND_LIMIT", "PROVISIONING_FAILED_ADMIN", "billing", "security"}) {
    INFO(key);
    CHECK(refusal(one("EMAIL", key)) == "ALWAYS_SENT preferences[0].scope");
    CHECK(refusal(one("EMAIL", key, "true")) == "ALWAYS_SENT preferences[0].scope");
  }
  CHECK(refusal(one("SMS", "ONBOARDING_REPLY")) == "ALWAYS_SENT preferences[0].scope");
  CHECK(refusal(one("SMS", "onboarding")) == "ALWAYS_SENT preferences[0].scope");
  CHECK(refusal(one("EMAIL", "onboarding")).empty());
  CHECK(refusal(one("EMAIL", "tenant_alerts")).empty());
}

TEST_CASE("preferences: the most specific one counts") {
  const std::vector<Preference> all{{Channel::EMAIL, "*", false},
                                    {Channel::EMAIL, "orders", true},
                                    {Channel::EMAIL, "ORDER_STATUS", false},
                                    {Channel::SMS, "reminders", false}};
  CHECK_FALSE(is_enabled(all, Channel::EMAIL, "ORDER_STATUS", "orders"));
  CHECK(is_enabled(all, Channel::EMAIL, "ORDER_DELIVERED", "orders"));
  CHECK_FALSE(is_enabled(all, Channel::EMAIL, "MONTHLY_DIGEST", "digests"));
  CHECK_FALSE(is_enabled(all, Channel::SMS, "X", "reminders"));
  CHECK(is_enabled(all, Channel::SMS, "X", "orders"));
}
