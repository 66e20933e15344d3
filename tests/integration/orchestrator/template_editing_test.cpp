#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "integration/orchestrator/template_calls.hpp"
#include "orchestrator/app/template_seeds.hpp"
#include "orchestrator/app/template_store.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;
using security::Role;

namespace {

std::string mail_version(int based_on, const std::string& words, int from = 0) {
  return R"({"based_on":)" + std::to_string(based_on) + R"(,"from":)" + std::to_string(from) +
         R"(,"bodies":[{"locale":"en","subject":"S )" + words + R"( {{subject}}","text":"T )" + words +
         R"( {{body}}","html":"<p>H )" + words + R"( {{body}}</p>"}]})";
}

}  // namespace

TEST_CASE("templates: an ADMIN writes a version, activates it and rolls back; each change is audited without words") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn ann(pipe, Role::ADMIN);
  const auto added = ann.json(templates_base + "ADMIN_MANUAL/versions", mail_version(1, "two"));
  REQUIRE(added.status == 201);
  CHECK(holds(added, "\"version\":2"));
  CHECK(active_version(pipe, "ADMIN_MANUAL") == 1);
  const auto activated = ann.json(templates_base + "ADMIN_MANUAL/activate", R"({"version":2,"replaces":1})");
  REQUIRE(activated.status == 200);
  const char* message =
      R"({"template_key":"ADMIN_MANUAL","recipient":"cli@example.com","variables":{"subject":"a","body":"b"}})";
  REQUIRE(pipe.post(message).status == 202);
  CHECK(next_dispatch(pipe, 0).html == "<p>H two b</p>");
  REQUIRE(ann.json(templates_base + "ADMIN_MANUAL/activate", R"({"version":1})").status == 200);
  REQUIRE(pipe.post(message).status == 202);
  CHECK(next_dispatch(pipe, 1).subject == "a");

  const auto detail = ann.get(templates_base + "ADMIN_MANUAL");
  CHECK(holds(detail, "\"created_by\":\"account:" + ann.account_id + "\",\"seeded\":false,\"based_on\":1"));
  CHECK(holds(ann.get(templates_base + "ADMIN_MANUAL/versions/2"), "S two {{subject}}"));
  CHECK(ann.get(templates_base + "ADMIN_MANUAL/versions/9").status == 404);
  CHECK(ann.get(templates_base + "ADMIN_MANUAL/versions/x").status == 404);

  const auto versions = audits_of(pipe, "TEMPLATE_VERSION_ADDED", 1);
  CHECK(versions[0].actor == "account:" + ann.account_id);
  CHECK(versions[0].subject_id == "ADMIN_MANUAL");
  CHECK(versions[0].details ==
        std::map<std::string, std::string>{{"version", "2"}, {"based_on", "1"}, {"locales", "en"}});
  const auto activations = audits_of(pipe, "TEMPLATE_ACTIVATED", 2);
  CHECK(activations[0].details.at("version") == "2");
  CHECK(activations[1].details == std::map<std::string, std::string>{{"version", "1"}, {"replaced", "2"}});
}

TEST_CASE("templates: a version that was written over an older one says which; there has to be such a one") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto post = [&](const std::string& body) {
    return pipe.request(http::Method::POST, templates_base + "ADMIN_MANUAL/versions", pipe.admin_key, body);
  };
  REQUIRE(post(mail_version(1, "two")).status == 201);
  REQUIRE(post(mail_version(2, "three", 1)).status == 201);
  CHECK(pipe.number("SELECT based_on FROM orchestrator.template_versions WHERE key = 'ADMIN_MANUAL' AND version = 3") ==
        1);
  CHECK(audits_of(pipe, "TEMPLATE_VERSION_ADDED", 2)[1].details.at("based_on") == "1");
  const auto refused = post(mail_version(3, "four", 9));
  CHECK(refused.status == 404);
  CHECK(holds(refused, "\"code\":\"TEMPLATE_VERSION_NOT_FOUND\""));
  CHECK(holds(refused, "\"field\":\"from\""));
  CHECK(pipe.number("SELECT max(version) FROM orchestrator.template_versions WHERE key = 'ADMIN_MANUAL'") == 3);
}

TEST_CASE("templates: of two who write over the same version the second is refused, and nothing of it is kept") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto post = [&](const std::string& words) {
    return pipe.request(http::Method::POST, templates_base + "ADMIN_MANUAL/versions", pipe.admin_key,
                        mail_version(1, words));
  };
  auto first = std::async(std::launch::async, post, "ann"), second = std::async(std::launch::async, post, "bob");
  const auto one = first.get(), two = second.get();
  CHECK(std::set<int>{one.status, two.status} == std::set<int>{201, 409});
  CHECK(holds(one.status == 409 ? one : two, "\"code\":\"TEMPLATE_CHANGED\""));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.template_versions WHERE key = 'ADMIN_MANUAL'") == 2);
  const auto late = pipe.request(http::Method::POST, templates_base + "ADMIN_MANUAL/activate", pipe.admin_key,
                                 R"({"version":2,"replaces":7})");
  CHECK(late.status == 409);
  CHECK(active_version(pipe, "ADMIN_MANUAL") == 1);
}

TEST_CASE(
    "templates: words that can't be used are refused with their places, unknown templates and versions with 404") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto post = [&](const std::string& path, const std::string& body) {
    return pipe.request(http::Method::POST, templates_base + path, pipe.admin_key, body);
  };
  const auto bad =
      post("ADMIN_MANUAL/versions",
           R"({"based_on":1,"bodies":[{"locale":"en","subject":"a\nb","text":"{{colour}}","html":"{{{body}}}"}]})");
  CHECK(bad.status == 422);
  CHECK(holds(bad, "\"code\":\"TEMPLATE_INVALID\""));
  for (const char* part : {"\"part\":\"subject\"", "\"part\":\"text\"", "\"part\":\"html\""}) CHECK(holds(bad, part));
  CHECK(post("NO_SUCH/versions", mail_version(1, "x")).status == 404);
  CHECK(post("ADMIN_MANUAL/activate", R"({"version":9})").status == 404);
  CHECK(post("ADMIN_MANUAL/versions", "{}").status == 400);
  CHECK(post("ADMIN_MANUAL/versions", "no json").status == 400);
  CHECK(pipe.request(http::Method::POST, templates_base + "ADMIN_MANUAL/versions", pipe.admin_key, "{}", "text/plain")
            .status == 415);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.template_versions WHERE key = 'ADMIN_MANUAL'") == 1);
}

TEST_CASE("templates: only an ADMIN with a CSRF token, or a key of scope admin, may look at them and change them") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn admin(pipe, Role::ADMIN), owner(pipe, Role::OWNER, "c1"), staff(pipe, Role::STAFF, "c1");
  const std::pair<std::string, std::string> calls[] = {
      {templates_base + "ADMIN_MANUAL/versions", mail_version(1, "x")},
      {templates_base + "ADMIN_MANUAL/activate", R"({"version":1})"},
      {templates_base + "ADMIN_MANUAL/active", R"({"active":false})"},
      {templates_base + "ADMIN_MANUAL/preview", "{}"},
      {templates_base + "ADMIN_MANUAL/test-send", R"({"recipient":"a@example.com"})"},
      {"/api/admin/messages",
       R"({"template_key":"ADMIN_MANUAL","recipient":"a@example.com","variables":{"subject":"s","body":"b"}})"},
      {"/api/admin/sms/test-send", R"({"recipient":"+447700900123","body":"Hi"})"}};
  for (const auto& [path, body] : calls) {
    INFO(path);
    for (SignedIn* nobody : {&owner, &staff}) {
      const auto refused = nobody->json(path, body);
      CHECK(refused.status == 403);
      CHECK(holds(refused, "\"code\":\"FORBIDDEN\""));
    }
    CHECK(holds(admin.json_without_token(path, body), "\"code\":\"CSRF_INVALID\""));
    CHECK(pipe.request(http::Method::POST, path, pipe.api_key, body).status == 403);
    CHECK(pipe.request(http::Method::POST, path, "", body).status == 401);
  }
  CHECK(owner.get("/admin/templates").status == 403);
  CHECK(owner.get("/api/admin/templates").status == 403);
  CHECK(admin.get("/api/admin/templates").status == 200);
  CHECK(active_version(pipe, "ADMIN_MANUAL") == 1);
  CHECK(pipe.seen.messages().empty());
}

TEST_CASE("templates: one that is switched off sends nothing until it is on again") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto turn = [&](const char* on) {
    return pipe.request(http::Method::POST, templates_base + "ADMIN_MANUAL/active", pipe.admin_key,
                        std::string("{\"active\":") + on + "}");
  };
  CHECK(holds(turn("false"), "\"changed\":true"));
  CHECK(holds(turn("false"), "\"changed\":false"));
  const char* message =
      R"({"template_key":"ADMIN_MANUAL","recipient":"cli@example.com","variables":{"subject":"a","body":"b"}})";
  REQUIRE(pipe.post(message).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(events::Status::BLOCKED_TEMPLATE_INACTIVE) == 1; }));
  CHECK(pipe.request(http::Method::POST, "/api/admin/messages", pipe.admin_key, message).status == 409);
  CHECK(holds(turn("true"), "\"changed\":true"));
  REQUIRE(pipe.post(message).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(events::Status::QUEUED) == 1; }));
  const auto off = audits_of(pipe, "TEMPLATE_SWITCHED_OFF", 2);
  CHECK(off[0].outcome == "OK");
  CHECK(off[1].outcome == "UNCHANGED");
  audits_of(pipe, "TEMPLATE_SWITCHED_ON", 1);
}

TEST_CASE("templates: a preview shows a stored version or a draft, markup in variables as text, and sends nothing") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto preview = [&](const std::string& key, const std::string& body) {
    return pipe.request(http::Method::POST, templates_base + key + "/preview", pipe.admin_key, body);
  };
  const auto script =
      preview("ADMIN_MANUAL", R"({"variables":{"subject":"s","body":"<script>alert(1)</script>{{subject}}"}})");
  REQUIRE(script.status == 200);
  CHECK(holds(script, R"(&lt;script&gt;alert(1)&lt;/script&gt;{{subject}})"));
  CHECK(holds(script, R"("text":"<script>alert(1)</script>{{subject}}")"));
  CHECK(holds(preview("PAYMENT_FAILED", R"({"locale":"de-AT"})"), R"("locale":"de")"));
  CHECK(holds(preview("PAYMENT_FAILED", R"({"locale":"fr"})"), R"("locale":"en")"));
  CHECK(holds(preview("ADMIN_MANUAL", R"({"variables":{"subject":"s"}})"), R"("missing_variables":["body"])"));
  const auto sms = preview("ADMIN_MANUAL_SMS", R"({"variables":{"body":")" + std::string(161, 'x') + R"("}})");
  CHECK(holds(sms, R"("sms":{"encoding":"GSM-7","units":161,"segments":2})"));
  CHECK(holds(preview("ADMIN_MANUAL_SMS", R"({"variables":{"body":"Привет"}})"),
              R"("encoding":"UCS-2","units":6,"segments":1)"));
  const auto draft = preview(
      "ADMIN_MANUAL", R"({"bodies":[{"locale":"de","subject":"Hallo","text":"{{body}}!","html":""}],"locale":"de"})");
  CHECK(holds(draft, R"("version":0,"locale":"de","subject":"Hallo")"));
  CHECK(preview("ADMIN_MANUAL", R"({"bodies":[{"locale":"de","subject":"{{","text":"x"}]})").status == 422);
  CHECK(preview("ADMIN_MANUAL", R"({"version":9})").status == 404);
  CHECK(preview("NO_SUCH", "{}").status == 404);
  CHECK(pipe.seen.messages().empty());
}

TEST_CASE("templates: a version that a person chose outlives a changed seed, and the seed's words wait beside it") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto post = [&](const std::string& path, const std::string& body) {
    return pipe.request(http::Method::POST, templates_base + path, pipe.admin_key, body).status;
  };
  REQUIRE(post("ADMIN_MANUAL/versions", mail_version(1, "mine")) == 201);
  REQUIRE(post("ADMIN_MANUAL/activate", R"({"version":2})") == 200);
  REQUIRE(post("ORDER_STATUS/activate", R"({"version":1})") == 200);  // chosen, though the seed's own
  auto seeds = template_seeds();
  for (auto& seed : seeds) {
    if (seed.meta.key != "ADMIN_MANUAL" && seed.meta.key != "ORDER_STATUS" && seed.meta.key != "LEAD_RECEIVED")
      continue;
    seed.bodies.front().text += " changed";
    seed.hash = "another";
    seed.meta_json.insert(1, R"("default_locale":"en",)");
  }
  CHECK(TemplateStore::seed(pipe.owner, seeds, pipe.clock.now()) == 3);
  CHECK(TemplateStore::seed(pipe.owner, seeds, pipe.clock.now()) == 0);
  CHECK(active_version(pipe, "ADMIN_MANUAL") == 2);
  CHECK(active_version(pipe, "ORDER_STATUS") == 1);
  CHECK(active_version(pipe, "LEAD_RECEIVED") == 2);
  CHECK(pipe.number("SELECT max(version) FROM orchestrator.template_versions WHERE key = 'ADMIN_MANUAL'") == 3);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.templates WHERE meta ->> 'default_locale' = 'en'") == 3);
}
