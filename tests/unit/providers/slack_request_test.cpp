#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/slack/client.hpp"
#include "provider-dispatcher/adapters/providers/slack/webhook_url.hpp"

namespace {

using namespace carillon::dispatcher;
using carillon::parse_slack_webhook;
using carillon::service::Environment;
using carillon::service::Settings;

SlackSettings read(const Environment& environment) {
  Settings settings(environment);
  SlackSettings out = SlackSettings::read(settings);
  settings.finish();
  return out;
}

std::string text_of(const std::string& subject, const std::string& text) {
  OutboundMessage message;
  message.subject = subject;
  message.text = text;
  rapidjson::Document json;
  json.Parse(slack::request_body(read({}), message).c_str());
  REQUIRE(json.IsObject());
  return json["text"].GetString();
}

TEST_CASE("slack request: subject in bold, an empty line, the text; who it comes from") {
  CHECK(text_of("⚠️ Data Drift Detected", "vendor psi 0.31") == "*⚠️ Data Drift Detected*\n\nvendor psi 0.31");
  CHECK(text_of("", "only text") == "only text");
  CHECK(text_of("  two\r\nlines ", "x") == "*two  lines*\n\nx");
  OutboundMessage message;
  rapidjson::Document json;
  json.Parse(slack::request_body(read({}), message).c_str());
  CHECK(json["username"] == "Carillon");
  CHECK(json["icon_emoji"] == ":robot_face:");
  json.Parse(slack::request_body(read({{"SLACK_USERNAME", "Bell"}, {"SLACK_ICON_EMOJI", ":bell:"}}), message).c_str());
  CHECK(json["username"] == "Bell");
  CHECK(json["icon_emoji"] == ":bell:");
}

TEST_CASE("slack request: what would be markup to Slack is escaped, in the subject too") {
  CHECK(text_of("<!channel>", "a & b <https://evil.example|bank> &amp;") ==
        "*&lt;!channel&gt;*\n\na &amp; b &lt;https://evil.example|bank&gt; &amp;amp;");
}

TEST_CASE("slack request: the id is our own") {
  OutboundMessage message;
  message.message_id = "m1";
  message.attempt = 2;
  CHECK(slack::own_message_id(message) == "m1.2");
}

TEST_CASE("slack webhook URL: https, an allowed host and a path of plain characters") {
  const auto hosts = read({{"SLACK_ALLOWED_HOSTS", "Chat.Example.com:8065, hooks.example.org"}}).allowed_hosts;
  const auto slack_url = parse_slack_webhook("https://hooks.slack.com/services/T0/B0/x-Y_z", hosts);
  REQUIRE(slack_url);
  CHECK(slack_url->origin == "https://hooks.slack.com");
  CHECK(slack_url->path == "/services/T0/B0/x-Y_z");
  for (const char* good :
       {"https://hooks.slack-gov.com/services/T0/B0/x", "https://HOOKS.slack.com/workflows/T0/A0/1/x",
        "https://chat.example.com:8065/hooks/x", "https://hooks.example.org/services/x"}) {
    INFO(good);
    CHECK(parse_slack_webhook(good, hosts));
  }
}

TEST_CASE("slack webhook URL: anything else is refused") {
  const auto hosts = read({}).allowed_hosts;
  const std::string good = "https://hooks.slack.com/services/T0/B0/x";
  REQUIRE(parse_slack_webhook(good, hosts));
  for (const std::string& bad : {std::string(),
                                 std::string("nobody"),
                                 std::string("https://"),
                                 std::string("https://hooks.slack.com"),
                                 std::string("https://hooks.slack.com/"),
                                 std::string("http://hooks.slack.com/services/T0/B0/x"),
                                 std::string("HTTPS://hooks.slack.com/services/x"),
                                 std::string("https://hooks.slack.com:443/services/x"),
                                 std::string("https://hooks.slack.com:8080/services/x"),
                                 std::string("https://hooks.slack.com./services/x"),
                                 std::string("https://hooks.slack.com.evil.example/services/x"),
                                 std::string("https://evil.example/services/x"),
                                 std::string("https://evil.example@hooks.slack.com/services/x"),
                                 std::string("https://hooks.slack.com@evil.example/services/x"),
                                 std::string("https://hooks.slack.com\\@evil.example/services/x"),
                                 std::string("https://evil.example#hooks.slack.com/services/x"),
                                 std::string("https://hooks.slack.com/services/../x"),
                                 std::string("https://hooks.slack.com/services/%2e%2e/x"),
                                 std::string("https://127.0.0.1/services/x"),
                                 std::string("https://[::1]/services/x"),
                                 std::string("https://hooks.slack.com /services/x"),
                                 " " + good,
                                 good + " ",
                                 good + "?a=1",
                                 good + "#a",
                                 good + "\r\nHost: evil.example",
                                 good + "," + good,
                                 good + std::string(1, '\0'),
                                 "<" + good + ">",
                                 "https://hooks.slack.com/services/" + std::string(500, 'x')}) {
    INFO(bad);
    CHECK_FALSE(parse_slack_webhook(bad, hosts));
  }
}

TEST_CASE("slack webhook URL: its secret parts") {
  const auto url =
      parse_slack_webhook("https://hooks.slack.com/services/T0CARILLON/B0/s3cret-token", {"hooks.slack.com"});
  REQUIRE(url);
  CHECK(slack::secrets_of(*url) ==
        std::vector<std::string>{"https://hooks.slack.com/services/T0CARILLON/B0/s3cret-token",
                                 "/services/T0CARILLON/B0/s3cret-token", "services", "T0CARILLON", "s3cret-token"});
}

TEST_CASE("slack settings: defaults, and hosts that are none are refused") {
  const SlackSettings settings = read({});
  CHECK(settings.allowed_hosts == std::vector<std::string>{"hooks.slack.com", "hooks.slack-gov.com"});
  CHECK(settings.base_url.empty());
  CHECK(settings.concurrency == 32);
  CHECK(read({{"SLACK_BASE_URL", "http://127.0.0.1:8025/"}}).base_url == "http://127.0.0.1:8025");
  for (const char* bad : {"https://chat.example.com", "chat.example.com/hooks", "chat.example.com:", "127.0.0.1",
                          "localhost", "a@b.example", "chat.example.com:123456", "*.example.com"}) {
    INFO(bad);
    CHECK_THROWS_WITH(read({{"SLACK_ALLOWED_HOSTS", bad}}), Catch::Matchers::Contains("SLACK_ALLOWED_HOSTS"));
  }
}

}  // namespace
