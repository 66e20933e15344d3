#include "orchestrator/core/render.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/template_catalog.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using events::Channel;

namespace {

Result<Rendered> rendered(const TemplateBody& body, const std::string& variables, Channel channel = Channel::EMAIL,
                          const events::ClientState* client = nullptr) {
  const auto compiled = CompiledBody::compile(body);
  REQUIRE(compiled);
  return (*compiled)->render(RenderData(events::JsonObject{variables}, client), channel);
}

}  // namespace

TEST_CASE("render: HTML is escaped in the html part only") {
  const auto out = rendered({"en", "{{a}}", "{{a}}", "<p>{{a}}</p>"}, R"({"a":"<b>\"&'"})");
  REQUIRE(out);
  CHECK(out->subject == "<b>\"&'");
  CHECK(out->text == "<b>\"&'");
  CHECK(out->html == "<p>&lt;b&gt;&quot;&amp;&apos;</p>");
}

TEST_CASE("render: a variable's text is never run as a template") {
  const auto out = rendered({"en", "s", "{{a}}", ""}, R"({"a":"{{b}} {{{b}}} {{#b}}x{{/b}}","b":"SECRET"})");
  REQUIRE(out);
  CHECK(out->text == "{{b}} {{{b}}} {{#b}}x{{/b}}");
}

TEST_CASE("render: lists, nested objects, numbers and booleans") {
  const auto out = rendered(
      {"en", "s",
       "{{#items}}{{name}}={{price}};{{/items}}{{^items}}none{{/items}}{{#paid}}paid{{/paid}}{{^late}}!{{/"
       "late}}{{a.b}}",
       ""},
      R"({"items":[{"name":"x","price":19.90},{"name":"y","price":-3}],"paid":true,"late":false,"a":{"b":7}})");
  REQUIRE(out);
  CHECK(out->text == "x=19.90;y=-3;paid!7");
  CHECK(rendered({"en", "s", "{{#items}}x{{/items}}{{^items}}none{{/items}}", ""}, R"({"items":[]})")->text == "none");
}

TEST_CASE("render: an absent or empty optional variable leaves its section out") {
  const TemplateBody body{"en", "s", "Hello{{#name}} {{name}}{{/name}}", ""};
  CHECK(rendered(body, "{}")->text == "Hello");
  CHECK(rendered(body, R"({"name":""})")->text == "Hello");
  CHECK(rendered(body, R"({"name":null})")->text == "Hello");
  CHECK(rendered(body, R"({"name":"Ann"})")->text == "Hello Ann");
}

TEST_CASE("render: the client's names come from its state unless the request says otherwise") {
  events::ClientState client;
  client.business_name = "Example Ltd";
  const TemplateBody body{"en", "s", "{{client.business_name}}{{#client.owner_name}}!{{/client.owner_name}}", ""};
  CHECK(rendered(body, "{}", Channel::EMAIL, &client)->text == "Example Ltd");
  CHECK(rendered(body, R"({"client":{"business_name":"Mine"}})", Channel::EMAIL, &client)->text == "Mine");
}

TEST_CASE("render: {{unsubscribe_url}} is ours, whatever a request calls so, and without one its section stays out") {
  const TemplateBody body{"en", "s", "x{{#unsubscribe_url}} {{unsubscribe_url}}{{/unsubscribe_url}} {{a}}",
                          "{{#unsubscribe_url}}<a href=\"{{unsubscribe_url}}\">{{/unsubscribe_url}}"};
  const auto compiled = CompiledBody::compile(body);
  REQUIRE(compiled);
  const RenderData data(events::JsonObject{R"({"unsubscribe_url":"https://evil.example","a":"1"})"}, nullptr);
  CHECK((*compiled)->render(data, Channel::EMAIL)->text == "x 1");
  CHECK((*compiled)->render(data, Channel::EMAIL)->html.empty());
  const auto with = (*compiled)->render(data, Channel::EMAIL, "https://m.example/unsubscribe/AQ-_");
  CHECK(with->text == "x https://m.example/unsubscribe/AQ-_ 1");
  CHECK(with->html == "<a href=\"https://m.example/unsubscribe/AQ-_\">");
}

TEST_CASE("render: a line break in the rendered subject is refused") {
  for (const char* bad : {"\\r\\nBcc: x@example.com", "\\n", "\\u0007"}) {
    const auto out = rendered({"en", "Hi {{a}}", "text", ""}, std::string("{\"a\":\"x") + bad + "\"}");
    REQUIRE_FALSE(out);
    CHECK(out.error().detail.find("subject:") == 0);
  }
}

TEST_CASE("render: a message without words is refused, an SMS needs no subject") {
  CHECK_FALSE(rendered({"en", "s", "{{a}}", ""}, "{}"));
  CHECK_FALSE(rendered({"en", "{{a}}", "t", ""}, "{}"));
  CHECK(rendered({"en", "", "t", ""}, "{}", Channel::SMS));
}

TEST_CASE("render: an SMS of more than ten segments is refused") {
  const auto variables = [](std::size_t chars) { return "{\"a\":\"" + std::string(chars, 'x') + "\"}"; };
  CHECK(rendered({"en", "", "{{a}}", ""}, variables(1530), Channel::SMS));
  CHECK_FALSE(rendered({"en", "", "{{a}}", ""}, variables(1531), Channel::SMS));
}

TEST_CASE(
    "render: unclosed tags and sections, partials, changed delimiters and raw output do not compile, and the part is "
    "named") {
  for (const char* bad :
       {"{{a", "{{#a}}x", "{{/a}}", "{{>a}}", "{{ > a }}", "{{=<% %>=}}", "{{", "{{{a}}}", "{{&a}}"}) {
    const auto compiled = CompiledBody::compile({"en", "s", bad, ""});
    REQUIRE_FALSE(compiled);
    CHECK(compiled.error().detail.find("text:") == 0);
  }
}

TEST_CASE("templates: the locale falls back from de-AT to de to en") {
  const auto body = [](const char* text) { return *CompiledBody::compile({"", "s", text, ""}); };
  TemplateVersion version;
  version.bodies["en"] = body("english");
  version.bodies["de"] = body("deutsch");
  const auto text = [&](const char* locale) {
    return choose_body(version, locale)->render(RenderData({}, nullptr), Channel::SMS)->text;
  };
  CHECK(text("de-AT") == "deutsch");
  CHECK(text("de_CH") == "deutsch");
  CHECK(text("DE") == "deutsch");
  CHECK(text("fr-FR") == "english");
  CHECK(text("") == "english");
}

TEST_CASE("templates: a template's own default locale comes before en") {
  const auto body = [](const char* text) { return *CompiledBody::compile({"", "s", text, ""}); };
  TemplateVersion version;
  version.default_locale = "fr";
  version.bodies["en"] = body("english");
  version.bodies["fr"] = body("français");
  CHECK(choose_locale(version, "de-AT") == "fr");
  CHECK(choose_locale(version, "en-GB") == "en");
  version.bodies.erase("fr");
  CHECK(choose_locale(version, "de-AT") == "en");
  version.bodies.clear();
  CHECK(choose_locale(version, "de-AT").empty());
  CHECK(choose_body(version, "de-AT") == nullptr);
}

TEST_CASE("templates: an alias finds its template") {
  TemplateCatalog catalog;
  Template entry;
  entry.meta.key = "COMPLIANCE_EXPIRY_REMINDER_SMS";
  entry.meta.alias = "COMPLIANCE_EXPIRY_SMS";
  catalog.add(entry);
  REQUIRE(catalog.find("COMPLIANCE_EXPIRY_SMS"));
  CHECK(catalog.find("COMPLIANCE_EXPIRY_SMS")->meta.key == "COMPLIANCE_EXPIRY_REMINDER_SMS");
  CHECK_FALSE(catalog.find("NO_SUCH"));
}
