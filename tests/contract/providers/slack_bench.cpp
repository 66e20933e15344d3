#include "contract/providers/http_bench.hpp"
#include "provider-dispatcher/adapters/providers/slack/client.hpp"

namespace carillon::testing {
namespace {

using namespace dispatcher;

std::string unescaped(std::string text) {
  for (const auto& [escape, plain] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    const std::string_view what = escape;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      text.replace(at, what.size(), plain);
  }
  return text;
}

class SlackBench final : public HttpBench {
 public:
  SlackBench()
      : HttpBench(
            {200,
             "ok",
             "",
             {{{"429", transient, Reason::RATE_LIMITED, "429"}, 429, "rate_limited"},
              {{"500", transient, Reason::PROVIDER_ERROR, "500"}, 500, "rollup_error"},
              {{"503", transient, Reason::PROVIDER_ERROR, "503"}, 503, ""},
              {{"no_service", rejected, Reason::RECIPIENT_INACTIVE, "no_service", true}, 404, "no_service"},
              {{"no_team", rejected, Reason::RECIPIENT_INACTIVE, "no_team", true}, 404, "no_team"},
              {{"channel_not_found", rejected, Reason::RECIPIENT_REJECTED, "channel_not_found"},
               404,
               "channel_not_found"},
              {{"404", rejected, Reason::RECIPIENT_REJECTED, "404"}, 404, "<html>"},
              {{"archived", rejected, Reason::RECIPIENT_REJECTED, "channel_is_archived"}, 410, "channel_is_archived"},
              {{"prohibited", rejected, Reason::RECIPIENT_REJECTED, "action_prohibited"}, 403, "action_prohibited"},
              {{"token", rejected, Reason::RECIPIENT_REJECTED, "invalid_token"}, 403, "invalid_token"},
              {{"user", rejected, Reason::RECIPIENT_REJECTED, "user_not_found"}, 400, "user_not_found"},
              {{"payload", rejected, Reason::CONTENT_REJECTED, "invalid_payload"}, 400, "invalid_payload"},
              {{"400", rejected, Reason::CONTENT_REJECTED, "400"}, 400, ""}},
             [](const std::string& said) { return sandbox::http_response(400, "text/html", said); }}) {}
  std::unique_ptr<Provider> provider() override {
    SlackSettings settings;
    settings.username = "Carillon";
    settings.icon_emoji = ":robot_face:";
    settings.allowed_hosts = {"hooks.slack.com"};
    settings.base_url = base_url();
    return std::make_unique<SlackClient>(settings, client(), test_limits);
  }
  std::string recipient() const override {
    return "https://hooks.slack.com/services/T0CARILLON/B0CARILLON/" + secret();
  }
  std::string secret() const override { return "s3cret-token-4711"; }
  std::string last_subject() override {
    const std::string text = unescaped(json_member(last_body(), "text"));
    return text.size() > 2 && text.front() == '*' ? text.substr(1, text.find("*\n\n") - 1) : "";
  }
  std::string last_text() override {
    const std::string text = unescaped(json_member(last_body(), "text"));
    const std::size_t title_end = text.find("*\n\n");
    return title_end == std::string::npos ? text : text.substr(title_end + 3);
  }
};

}  // namespace

std::unique_ptr<ProviderBench> slack_bench() {
  return std::make_unique<SlackBench>();
}

}  // namespace carillon::testing
