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

// [item,item,…]
std::string list_of(std::size_t count, const std::string& item) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + item;
  return list + "]";
}

std::string problem_of(const std::string& variables) {
  return RenderData(events::JsonObject{variables}, nullptr).problem();
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

TEST_CASE("render: a list of 1,000 items with three names each renders in every part") {
  const std::string words = "{{#items}}{{name}} {{price}} {{tag}};{{/items}}";
  const auto out = rendered({"en", "s", words, "<p>" + words + "</p>"},
                            "{\"items\":" + list_of(list_items_max, R"({"name":"a","price":19.90,"tag":"t"})") + "}");
  REQUIRE(out);
  CHECK(out->text.size() == list_items_max * std::string("a 19.90 t;").size());
  CHECK(out->html.size() == out->text.size() + std::string("<p></p>").size());
}

TEST_CASE("render: sections that multiply lists end as RENDERED_INVALID, also where they write nothing") {
  const std::string hundred = list_of(100, "{\"x\":1}");
  const std::string variables =
      "{\"a\":" + hundred + ",\"b\":" + hundred + ",\"c\":" + hundred + ",\"d\":" + hundred + "}";
  for (const char* words : {"t{{#a}}{{#b}}{{#c}}{{#d}}{{x}}{{/d}}{{/c}}{{/b}}{{/a}}",
                            "t{{#a}}{{#b}}{{#c}}{{#d}}{{/d}}{{/c}}{{/b}}{{/a}}"}) {
    INFO(words);
    const auto out = rendered({"en", "s", words, ""}, variables);
    REQUIRE_FALSE(out);
    CHECK(out.error().code == "RENDERED_INVALID");
    CHECK(out.error().detail == "text: the rendered message is too large");
  }
}

TEST_CASE("render: one long text that a list repeats is bounded by its bytes") {
  const std::string variables =
      "{\"a\":" + list_of(list_items_max, "1") + ",\"words\":\"" + std::string(10'000, 'x') + "\"}";
  const auto out = rendered({"en", "s", "{{#a}}{{words}}{{/a}}", ""}, variables);
  REQUIRE_FALSE(out);
  CHECK(out.error().detail == "text: the rendered message is too large");
}

TEST_CASE("render: a list that is too long is a problem that names its variable, and nothing is rendered") {
  CHECK(problem_of("{\"items\":" + list_of(list_items_max, "1") + "}").empty());
  const std::string variables = "{\"items\":" + list_of(list_items_max + 1, "1") + ",\"b\":\"x\"}";
  CHECK(problem_of(variables) == "variables.items: a list may have 1000 items at most");
  CHECK(problem_of("{\"a\":{\"deep\":[" + list_of(list_items_max + 1, "1") + "]}}").find("variables.a: ") == 0);
  CHECK(problem_of("{\"a b\":" + list_of(list_items_max + 1, "1") + "}").find("variables: ") == 0);  // no name of ours
  const auto out = rendered({"en", "s", "{{b}}", ""}, variables);
  REQUIRE_FALSE(out);
  CHECK(out.error().code == "RENDERED_INVALID");
  CHECK(out.error().detail == problem_of(variables));
}

TEST_CASE("render: all lists together are bounded, nested ones included") {
  const std::string full = list_of(list_items_max, "1");
  CHECK(problem_of("{\"a\":" + list_of(9, full) + "}").empty());
  CHECK(problem_of("{\"few\":[1],\"a\":" + list_of(10, full) + "}") ==
        "variables.a: all lists together may have 10000 items at most");
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
