#include "values/recipient.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "unit/values/example_phone_numbers.hpp"

using namespace carillon;

TEST_CASE("phone number: an example of every region is accepted as it is") {
  for (const std::string_view number : testing::example_phone_numbers) {
    CAPTURE(number);
    const Result<std::string> parsed = parse_e164(number);
    REQUIRE(parsed);
    CHECK(*parsed == number);
  }
}

TEST_CASE("phone number: what is not E.164 is refused") {
  const auto text = GENERATE(as<std::string>{}, "", "+", "447700900123", "0044770090123", "+44 7700 900123",
                             "+44-7700-900123", "+44(7700)900123", "+447700900123 ", " +447700900123", "+44770090012a",
                             "++447700900123", "+4477009+00123", "+447700900123\n", "+44770090０123", "＋447700900123",
                             "+٤٤٧٧٠٠٩٠٠١٢٣", "+０１２３４５６７", "+447700900123;ext=1");
  CAPTURE(text);
  const Result<std::string> parsed = parse_e164(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == "INVALID_PHONE_NUMBER");
  CHECK_FALSE(parse_e164(std::string("+447700900123\0", 14)));
}

TEST_CASE("phone number: 7 to 15 digits") {
  CHECK_FALSE(parse_e164("+441234"));
  CHECK(parse_e164("+4412345"));
  CHECK(parse_e164("+441234567890123"));
  CHECK_FALSE(parse_e164("+4412345678901234"));
}

TEST_CASE("phone number: the country code must be assigned") {
  for (const char* number :
       {"+0123456789", "+2101234567", "+2591234567", "+2801234567", "+3841234567", "+4221234567", "+6711234567",
        "+6991234567", "+8011234567", "+8371234567", "+8991234567", "+9691234567", "+9781234567", "+9991234567"}) {
    CAPTURE(number);
    CHECK_FALSE(parse_e164(number));
  }
}

TEST_CASE("phone number: a refusal does not repeat the number") {
  CHECK(parse_e164("+44 7700 900123").error().detail.find("7700") == std::string::npos);
}

TEST_CASE("e-mail address: usual and international ones are accepted, the domain in lower case") {
  const auto parsed = [](std::string_view text) { return parse_email(text).value(); };
  CHECK(parsed("ann@example.com") == "ann@example.com");
  CHECK(parsed("Ann.Lee+tag@Example.COM") == "Ann.Lee+tag@example.com");
  CHECK(parsed("!#$%&'*+-/=?^_`{|}~@example.com") == "!#$%&'*+-/=?^_`{|}~@example.com");
  CHECK(parsed("jörg@exämple.de") == "jörg@exämple.de");
  CHECK(parsed("用户@例子.广告") == "用户@例子.广告");
  CHECK(parsed("a@xn--exmple-cua.de") == "a@xn--exmple-cua.de");
  CHECK(parsed("a@1.example1") == "a@1.example1");
}

TEST_CASE("e-mail address: what is not one is refused") {
  const auto text =
      GENERATE(as<std::string>{}, "", "@", "ann", "ann@", "@example.com", "ann@example", "ann@@example.com",
               "a@b@example.com", ".ann@example.com", "ann.@example.com", "a..n@example.com", "ann@.example.com",
               "ann@example..com", "ann@example.com.", "ann@-example.com", "ann@example-.com", "ann@exa_mple.com",
               "ann@[127.0.0.1]", "ann@127.0.0.1", "\"ann\"@example.com", "ann (x)@example.com",
               "Ann <ann@example.com>", "ann @example.com", "ann@example.com ", " ann@example.com",
               "ann@example.com\r\nBcc: eve@example.com", "ann\n@example.com", "ann@exam\tple.com",
               "ann@example.com,eve@example.com", "ann@exa\xFFmple.com", "\xC3@example.com", "ann\u200B@example.com",
               "ann@exam\u202Eple.com", "ann\u00A0@example.com", "ann\u0085@example.com", "a;b@example.com");
  CAPTURE(text);
  const Result<std::string> parsed = parse_email(text);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == "INVALID_EMAIL_ADDRESS");
  CHECK(parsed.error().detail.find("eve") == std::string::npos);
  CHECK_FALSE(parse_email(std::string("ann\0@example.com", 16)));
}

TEST_CASE("e-mail address: limits of RFC 5321") {
  const std::string label63(63, 'd');
  CHECK(parse_email(std::string(64, 'a') + "@example.com"));
  CHECK_FALSE(parse_email(std::string(65, 'a') + "@example.com"));
  CHECK(parse_email("a@" + label63 + ".com"));
  CHECK_FALSE(parse_email("a@" + label63 + "d.com"));
  const std::string domain = label63 + "." + label63 + "." + label63;  // 191
  CHECK(parse_email(std::string(62, 'a') + "@" + domain));             // 254
  CHECK_FALSE(parse_email(std::string(63, 'a') + "@" + domain));       // 255
}

TEST_CASE("masking: enough to recognise, too little to use") {
  CHECK(masked("ann@example.com") == "a***@example.com");
  CHECK(masked("a@example.com") == "a***@example.com");
  CHECK(masked("émile@example.com") == "é***@example.com");
  CHECK(masked("+447700900123") == "+44*******123");
  CHECK(masked("+12025550123") == "+1*******123");
  CHECK(masked("+35312345") == "+353****5");
  CHECK(masked("+3531234") == "+353****");
}

TEST_CASE("webhook URLs: https, a host name, a path; scheme and host in lower case") {
  for (const char* url : {"https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com:8443/a",
                          "https://h/a?b=c&d=%41", "https://hooks.slack.com/workflows/a-b_c~d"})
    CHECK(*parse_webhook_url(url) == url);
  CHECK(*parse_webhook_url("HTTPS://Hooks.Slack.COM/Services/T0") == "https://hooks.slack.com/Services/T0");
  CHECK(parse_webhook_url("https://h/" + std::string(webhook_url_chars_max - 10, 'a')));
}

TEST_CASE("webhook URLs: anything else is refused without repeating it") {
  for (const char* url : {"",
                          "https://",
                          "https:///a",
                          "https://h",
                          "https://h/",
                          "http://hooks.slack.com/services/T0",
                          "//h/a",
                          "hooks.slack.com/services/T0",
                          "https://ann@hooks.slack.com/a",
                          "https://ann:secret@hooks.slack.com/a",
                          "https://h:/a",
                          "https://h:x/a",
                          "https://h:123456/a",
                          "https://[::1]/a",
                          "https://h..com/a",
                          "https://h\\x/a",
                          "https://h/a b",
                          "https://h/a#b",
                          "https://h/a\nb",
                          "https://h/\xc3\xa4",
                          "https://h/a\"b",
                          "https://h/<a>"}) {
    const auto parsed = parse_webhook_url(url);
    INFO(url);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "INVALID_WEBHOOK_URL");
    CHECK(parsed.error().detail.find("hooks") == std::string::npos);
  }
  CHECK_FALSE(parse_webhook_url("https://h/" + std::string(webhook_url_chars_max - 9, 'a')));
}

TEST_CASE("masking: of a webhook URL only the host is shown") {
  CHECK(masked("https://hooks.slack.com/services/T0/B0/x") == "https://hooks.slack.com/…");
  CHECK(masked("https://hooks.slack.com:8443/services/T0/B0/x") == "https://hooks.slack.com:8443/…");
  CHECK(masked("https://ann:secret@hooks.slack.com/services") == "***");
  CHECK(masked("http://hooks.slack.com/services/T0/B0/x") == "***");
}

TEST_CASE("masking: what is neither address nor number is hidden altogether") {
  CHECK(masked("") == "***");
  CHECK(masked("ann") == "***");
  CHECK(masked("07700900123") == "***");
  CHECK(masked("ann@") == "***");
  CHECK(masked("x\ny@example.com") == "***");
}

TEST_CASE("control characters: CR, LF, NUL, tab and DEL count, spaces and letters do not") {
  CHECK_FALSE(has_control_characters("Ünïcode, emoji 🔔 and spaces"));
  CHECK_FALSE(has_control_characters(""));
  for (const char c : {'\r', '\n', '\0', '\t', '\x1B', '\x7F'})
    CHECK(has_control_characters(std::string("a") + c + "b"));
}
