#include <catch2/catch.hpp>

#include "integration/orchestrator/template_calls.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;
using security::Role;

TEST_CASE("templates: pages keep what was written when it is refused, and tell of somebody who was faster") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn ann(pipe, Role::ADMIN);
  const std::string page = "/admin/templates/ADMIN_MANUAL";
  const auto save = [&](const std::string& text) {
    return ann.form(page + "/edit", {{"locale", "en"},
                                     {"base", "1"},
                                     {"based_on", "1"},
                                     {"subject", "{{subject}}"},
                                     {"text", text},
                                     {"html", "<p>{{body}}</p>"},
                                     {"variables", "{\"body\":1}"}});
  };
  const auto refused = save("my words {{colour}}");
  CHECK(refused.status == 422);
  CHECK(holds(refused, "my words {{colour}}"));
  CHECK(holds(refused, "id=\"text-error\""));
  REQUIRE(save("first {{body}}").status == 303);
  const auto late = save("second {{body}}");
  CHECK(late.status == 409);
  CHECK(holds(late, "second {{body}}"));
  CHECK(holds(late, "name=\"based_on\" value=\"2\""));
  CHECK(holds(ann.get(page + "/compare?from=1&to=2"), "<ins>+ first {{body}}</ins>"));
  CHECK(holds(ann.get(page + "/confirm?do=activate&version=2"), "Version 2 takes the place of version 1"));
  CHECK(ann.form(page + "/activate", {{"version", "2"}, {"replaces", "1"}}).status == 303);
  CHECK(active_version(pipe, "ADMIN_MANUAL") == 2);
  CHECK(ann.form(page + "/activate", {{"version", "1"}, {"replaces", "1"}}).status == 409);
  CHECK(ann.form(page + "/active", {{"active", "false"}}).status == 303);
  CHECK(holds(ann.get(page), "Off"));
  CHECK(ann.get("/admin/templates/NO_SUCH").status == 404);
}

TEST_CASE("templates: the preview of a page stands in a frame without rights, with markup of variables as text") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn ann(pipe, Role::ADMIN);
  const auto preview = ann.form("/admin/templates/ADMIN_MANUAL/preview",
                                {{"locale", "en"},
                                 {"subject", "{{subject}}"},
                                 {"text", "{{body}}"},
                                 {"html", "<b>{{body}}</b>"},
                                 {"variables", R"({"subject":"s","body":"<script>x</script>"})"}});
  REQUIRE(preview.status == 200);
  const auto policy = std::string(http::field(preview.headers, "Content-Security-Policy"));
  CHECK(policy.find("default-src 'none'") == 0);
  CHECK(policy.ends_with("; sandbox"));
  CHECK(http::field(preview.headers, "X-Frame-Options") == "SAMEORIGIN");
  CHECK(holds(preview, "<pre>&lt;script&gt;x&lt;/script&gt;</pre>"));
  CHECK(holds(preview, "&lt;b&gt;&amp;lt;script&amp;gt;"));  // escaped by the template, and again into srcdoc
  CHECK_FALSE(holds(preview, "<script"));
  CHECK(holds(ann.get("/admin/templates?channel=SMS&q=otp"), "OTP_CODE_SMS"));
  CHECK_FALSE(holds(ann.get("/admin/templates?channel=SMS"), "OTP_CODE_EMAIL"));
}

TEST_CASE("templates: a message written on its page is looked at before it goes, and goes once") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn ann(pipe, Role::ADMIN);
  const http::Fields fields{{"template", "ADMIN_MANUAL"},
                            {"recipient", "cli@example.com"},
                            {"var_subject", "Hello"},
                            {"var_body", "<b>"},
                            {"once", "form-1"}};
  const auto with = [&](const char* step) {
    http::Fields all = fields;
    all.emplace_back("do", step);
    return ann.form("/admin/messages/new", all);
  };
  CHECK(holds(ann.get("/admin/messages/new"), "ADMIN_MANUAL_SMS"));
  CHECK(holds(ann.get("/admin/messages/new?template=ADMIN_MANUAL"), "id=\"var_body\""));
  CHECK(ann.get("/admin/messages/new?template=OPS_ALERT_SMS").status == 422);
  CHECK(holds(ann.form("/admin/messages/new",
                       {{"template", "ADMIN_MANUAL"}, {"recipient", "cli@example.com"}, {"var_subject", "Hello"}}),
              "This template needs body"));
  const auto looked = with("");
  CHECK(holds(looked, "Send this message?"));
  CHECK(holds(looked, "name=\"var_body\" value=\"&lt;b&gt;\""));
  CHECK(holds(with("change"), "value=\"Hello\""));
  CHECK(pipe.seen.messages().empty());
  CHECK(holds(with("send"), "on its way"));
  CHECK(holds(with("send"), "on its way"));
  next_dispatch(pipe, 0);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 1);
}
