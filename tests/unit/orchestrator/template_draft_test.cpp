#include "orchestrator/core/template_draft.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/app/template_seeds.hpp"
#include "orchestrator/core/gate_words.hpp"
#include "orchestrator/core/line_diff.hpp"
#include "orchestrator/core/template_orders.hpp"
#include "orchestrator/core/template_tags.hpp"
#include "orchestrator/core/variable_fields.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

TemplateMeta mail() {
  TemplateMeta meta;
  meta.key = "ORDER";
  meta.channel = events::Channel::EMAIL;
  meta.audience = events::Audience::CLIENT;
  meta.required_variables = {"order_id"};
  meta.sample_variables =
      R"({"order_id":"41","note":"x","items":[{"name":"a","price":"1"},{"name":"b","tag":"t"}],"a":{"b":"c"}})";
  return meta;
}

TemplateMeta sms() {
  TemplateMeta meta = mail();
  meta.channel = events::Channel::SMS;
  return meta;
}

// "locale/part: detail" of each.
std::string problems(const TemplateMeta& meta, const std::vector<TemplateBody>& bodies) {
  std::string all;
  for (const auto& one : find_draft_problems(meta, bodies))
    all += (all.empty() ? "" : "; ") + one.locale + "/" + one.part + ": " + one.detail;
  return all;
}

std::string text_problem(const std::string& text) {
  return problems(mail(), {{"en", "s", text, ""}});
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("templates: what is well written may be stored, every seed is") {
  CHECK(problems(mail(),
                 {{"en", "Order {{order_id}}", "{{#items}}{{name}} {{price}} {{tag}} {{order_id}}{{/items}}{{a.b}}",
                   "<p title=\"{{note}}\">{{order_id}}</p>"}})
            .empty());
  CHECK(problems(sms(), {{"en", "", "Order {{order_id}}, {{client.owner_name}}", ""}, {"de-AT", "", "Auftrag", ""}})
            .empty());
  for (const auto& seed : template_seeds()) {
    INFO(seed.meta.key);
    CHECK(problems(seed.meta, seed.bodies).empty());
  }
}

TEST_CASE("templates: a name that meta.json does not declare is refused, within sections too") {
  CHECK(mentions(text_problem("{{order}}"), "en/text: uses {{order}}"));
  CHECK(mentions(text_problem("{{#items}}{{colour}}{{/items}}"), "{{colour}}"));
  CHECK(mentions(text_problem("{{name}}"), "{{name}}"));  // of the items, so only within them
  CHECK(mentions(text_problem("{{#note}}{{.}}{{/note}}{{.}}"), "{{.}}"));
  CHECK(mentions(text_problem("{{a.c}}"), "{{a.c}}"));
  CHECK(mentions(text_problem("{{^other}}x{{/other}}"), "{{other}}"));
  CHECK(text_problem("{{^note}}x{{/note}}{{#note}}{{note}}{{/note}}").empty());
}

TEST_CASE("templates: what would run or release a variable's text is refused, with the line") {
  for (const char* bad : {"{{{note}}}", "{{&note}}", "{{ & note }}", "{{ {note} }}", "{{>note}}", "{{=<% %>=}}"}) {
    INFO(bad);
    CHECK(mentions(text_problem(std::string("a\nb") + bad), "en/text: line 2: "));
  }
  CHECK(text_problem("{{! {note} is a comment }}x").empty());
}

TEST_CASE("templates: tags that do not close, depth without end and sections within themselves are refused") {
  for (const char* bad : {"{{note", "{{#note}}x", "{{/note}}", "{{#note}}{{#items}}{{/note}}{{/items}}", "{{}}",
                          "{{a b}}", "{{#items}}{{#items}}x{{/items}}{{/items}}"}) {
    INFO(bad);
    CHECK_FALSE(read_tags(bad));
  }
  std::string deep;
  for (std::size_t i = 0; i < sections_depth_max; ++i) deep += "{{#s" + std::to_string(i) + "}}";
  CHECK(mentions(read_tags(deep + "{{#more}}").error().detail, "deep"));
  CHECK_FALSE(read_tags(std::string(200'000, '{')));
  std::string many;
  for (std::size_t i = 0; i <= tags_max; ++i) many += "{{a}}";
  CHECK_FALSE(read_tags(many));
}

TEST_CASE("templates: a subject is one line, an SMS is a text, each part has its length") {
  CHECK(mentions(problems(mail(), {{"en", "a\r\nBcc: x", "t", ""}}), "en/subject: must be one line"));
  CHECK(mentions(problems(mail(), {{"en", "", "t", ""}}), "en/subject: must not be empty"));
  CHECK(mentions(problems(mail(), {{"en", "s", " \n", ""}}), "en/text: must not be empty"));
  CHECK(mentions(problems(sms(), {{"en", "s", "t", "<p>"}}), "an SMS has no subject"));
  CHECK(mentions(problems(sms(), {{"en", "", "t", "<p>"}}), "only e-mail has HTML"));
  CHECK(mentions(problems(sms(), {{"en", "", std::string(sms_source_bytes_max + 1, 'x'), ""}}), "bytes at most"));
  CHECK(mentions(problems(sms(), {{"en", "", std::string(1531, 'x'), ""}}), "SMS segments"));
  CHECK(mentions(problems(mail(), {{"en", std::string(subject_source_bytes_max + 1, 'x'), "t", ""}}), "en/subject"));
  CHECK(mentions(problems(mail(), {{"en", "s", std::string(text_source_bytes_max + 1, 'x'), ""}}), "en/text"));
  CHECK(mentions(problems(mail(), {{"en", "s", "t", std::string(html_source_bytes_max + 1, 'x')}}), "en/html"));
  CHECK(mentions(problems(mail(), {{"en", "s", "\x07", ""}}), "control characters"));
  CHECK(mentions(problems(mail(), {{"en", "s", "\xff", ""}}), "UTF-8"));
}

TEST_CASE(
    "templates: every version has the default language, each language once, and three problems are told at once") {
  CHECK(mentions(problems(mail(), {{"de", "s", "t", ""}}), "en/locale: must be among the locales"));
  CHECK(mentions(problems(mail(), {{"en", "s", "t", ""}, {"EN", "s", "t", ""}}), "EN/locale: is there twice"));
  CHECK(mentions(problems(mail(), {{"no locale", "s", "t", ""}}), "language tag"));
  // No message asks for one with _, so its words would never be sent.
  CHECK(mentions(problems(mail(), {{"en", "s", "t", ""}, {"de_AT", "s", "t", ""}}), "language tag"));
  CHECK(is_template_locale("de-AT"));
  CHECK_FALSE(is_template_locale("de_AT"));
  CHECK(mentions(problems(mail(), {}), "1 to"));
  CHECK(find_draft_problems(mail(), {{"en", "{{x}}", "{{y}}", "{{z}}"}}).size() == 3);
  TemplateMeta german = mail();
  german.default_locale = "de";
  CHECK(problems(german, {{"de", "s", "t", ""}}).empty());
}

TEST_CASE("templates: words that recipients may unsubscribe from have to offer it") {
  TemplateMeta meta = mail();
  meta.unsubscribable = true;
  CHECK(mentions(problems(meta, {{"en", "s", "t", "<p>"}}), "en/text: must hold {{unsubscribe_url}}"));
  CHECK(problems(meta, {{"en", "s", "t {{unsubscribe_url}}", "<a href=\"{{unsubscribe_url}}\">x</a>"}}).empty());
}

TEST_CASE("templates: line breaks of forms become plain ones") {
  CHECK(with_plain_line_breaks("a\r\nb\rc\n\r\n") == "a\nb\nc");
  CHECK(with_plain_line_breaks("").empty());
}

TEST_CASE("templates: a comparison shows what went and what came, in order, and its size is bounded") {
  std::string shown;
  for (const auto& line : line_diff("a\nb\nc", "a\nx\nc\nd"))
    shown += (line.kind == DiffLine::Kind::SAME ? ' ' : line.kind == DiffLine::Kind::ADDED ? '+' : '-') + line.text;
  CHECK(shown == " a-b+x c+d");
  CHECK(line_diff("", "").empty());
  CHECK(line_diff("a", "a").front().kind == DiffLine::Kind::SAME);
  const std::string much(diff_lines_max + 1, '\n');
  CHECK(line_diff(much, much).front().kind == DiffLine::Kind::REMOVED);
}

TEST_CASE("templates: a form has a field for each variable, lists are written as JSON") {
  const auto fields = variable_fields(mail());
  REQUIRE(fields.size() == 4);
  CHECK(fields[0].name == "order_id");
  CHECK(fields[0].required);
  CHECK(fields[2].is_json);
  const auto written = [](const std::string& name) {
    return std::string(name == "order_id" ? "4\"1\r\n2" : name == "items" ? R"([{"name": "<b>"}])" : "");
  };
  const auto variables = variables_of(fields, written);
  REQUIRE(variables);
  CHECK(variables->text == R"({"order_id":"4\"1\n2","items":[{"name":"<b>"}]})");
  const auto bad = variables_of(fields, [](const std::string& name) { return name == "a" ? "{1" : ""; });
  REQUIRE_FALSE(bad);
  CHECK(bad.error().detail == "a: must be JSON, such as the sample");
  CHECK_FALSE(variables_of(fields, [](const std::string& name) { return name == "a" ? "{},\"b\":{}" : ""; }));
}

TEST_CASE("templates: the gates are told in sentences") {
  TemplateMeta meta = mail();
  meta.requires_provisioned = true;
  meta.rate_limit_window = std::chrono::hours(24);
  meta.rate_limit_key_variable = "expiry_date";
  const auto words = gate_words(meta);
  REQUIRE(words.size() == 3);
  CHECK(words[1] == "The client has to be provisioned.");
  CHECK(words[2] == "At most one in 24 hours for each client and expiry_date.");
}

TEST_CASE("templates: orders are read strictly and say which member is wrong") {
  const auto order = read_version_order(R"({"based_on":3,"bodies":[{"locale":"en","subject":"s","text":"a\r\nb"}]})");
  REQUIRE(order);
  CHECK(order->based_on == 3);
  CHECK(order->from == 0);
  CHECK(order->bodies.front().text == "a\nb");
  CHECK(read_version_order(R"({"based_on":3,"from":2,"bodies":[{"locale":"en","subject":"s","text":"t"}]})")->from ==
        2);
  const auto refused = [](const auto& result) { return result ? std::string("taken") : result.error().detail; };
  CHECK(refused(read_version_order(R"({"bodies":[{"locale":"en"}]})")) == "based_on: is required");
  CHECK(refused(read_version_order(R"({"based_on":-1})")) == "based_on: must be a whole number from 0");
  CHECK(refused(read_version_order(R"({"based_on":1,"from":-1})")) == "from: must be a whole number from 0");
  CHECK(refused(read_version_order(R"({"based_on":1,"bodies":[{"locale":"en","colour":1}]})")).find("colour") !=
        std::string::npos);
  CHECK(refused(read_version_order(R"({"based_on":1,"bodies":[{"locale":5}]})")).find("locale: must be a text") !=
        std::string::npos);
  CHECK(refused(read_version_order(R"({"based_on":"1"})")) == "based_on: must be a whole number from 0");
  CHECK(refused(read_preview_wish(R"({"version":99999999999})")) == "version: must be a whole number from 0");
  CHECK(refused(read_version_order(R"({"based_on":1,"active":true})")) == "active: unknown member");
  CHECK(read_version_order("[1]").error().code == "MALFORMED_JSON");
  CHECK(read_version_order(std::string(100'000, '[')).error().code == "MALFORMED_JSON");
  CHECK(refused(read_activation_order("{}")) == "version: is required");
  CHECK(read_activation_order(R"({"version":2,"replaces":1})")->replaces == 1);
  CHECK(refused(read_switch_order(R"({"active":"yes"})")) == "active: must be true or false");
  CHECK(refused(read_preview_wish(R"({"version":1,"bodies":[{"locale":"en"}]})")).find("beside version") !=
        std::string::npos);
  const auto wish =
      read_message_wish(R"({"template_key":"A","recipient":"a@example.com","variables":{"n":19.90}})", WishOf::MESSAGE);
  REQUIRE(wish);
  CHECK(wish->variables->text == R"({"n":"19.90"})");
  CHECK(refused(read_message_wish(R"({"template_key":"A"})", WishOf::TEST)) == "template_key: unknown member");
  CHECK(read_message_wish(R"({"body":"Hi","recipient":"+447700900123"})", WishOf::SMS_TEST)->variables->text ==
        R"({"body":"Hi"})");
}
