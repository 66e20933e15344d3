#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "integration/provisioning/schedule_world.hpp"
#include "provisioning/app/send_reports.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;

namespace {

using security::Role;

constexpr const char* items = "/api/admin/clients/acme/compliance-items";
constexpr const char* gas = R"({"name":"Gas safety record","expires_on":"2026-10-20"})";

struct Compliance : World {
  Compliance() {
    REQUIRE(wait_ready());
    put("/api/admin/clients/acme", R"({"plan":"PRO","time_zone":"Europe/London"})");
    put("/api/admin/clients/other", "{}");
  }
  rapidjson::Document json(const http::Answer& answer) {
    rapidjson::Document document;
    document.Parse(answer.body.data(), answer.body.size());
    REQUIRE_FALSE(document.HasParseError());
    return document;
  }
  std::string add(const char* body = gas) {
    const auto answer = post(items, body);
    REQUIRE(answer.status == 201);
    return json(answer)["item_id"].GetString();
  }
  // The headers of somebody who is signed in.
  http::Fields session(Role role, const std::string& client_id) {
    std::string token, id;
    change([&](auto& tx, auto&) {
      const auto made = security::make_account(tx, std::string(security::name_of(role)) + "@" + client_id + ".example",
                                               role, client_id, clock.now());
      REQUIRE(made);
      token = security::begin_session(tx, made->account.id, {}, clock.now());
      id = tx.run("SELECT session_id FROM identity.sessions WHERE account_id = '" + made->account.id +
                  "' ORDER BY started_at DESC LIMIT 1")[0][0]
               .c_str();
    });
    return {{"Authorization", "none"},
            {"Cookie", "__Host-carillon_session=" + token},
            {"X-CSRF-Token", security::csrf_token(sealer(), id, clock.now())}};
  }
};

}  // namespace

TEST_CASE("compliance items: added, changed, listed in pages, removed, each audited") {
  Compliance world;
  const std::string id = world.add();
  const std::string one = std::string(items) + "/" + id;
  CHECK(world.patch(one, R"({"status":"PENDING_VERIFICATION"})").body.find(R"("status":"PENDING_VERIFICATION")") !=
        std::string::npos);
  CHECK(world.patch(one, R"({"status":"PENDING_VERIFICATION"})").status == 200);  // changes nothing
  CHECK(world.audited("COMPLIANCE_ITEM_CHANGED") == 1);
  CHECK(world.audits().back().details.at("fields") == "status");
  world.add(R"({"name":"Fire","expires_on":"2026-11-20"})");
  world.add(R"({"name":"Lift","expires_on":"2026-12-20"})");
  const auto page = world.json(world.get(std::string(items) + "?limit=2"));
  CHECK(page["items"].Size() == 2);
  const auto rest = world.json(world.get(std::string(items) + "?limit=2&cursor=" + page["next_cursor"].GetString()));
  REQUIRE(rest["items"].Size() == 1);
  CHECK(rest["items"][0]["item_id"].GetString() == id);
  CHECK(rest["next_cursor"].IsNull());
  CHECK(world.json(world.get(std::string(items) + "?status=PENDING_VERIFICATION"))["items"].Size() == 1);
  CHECK(world.call(http::Method::DELETE_, one).status == 204);
  CHECK(world.call(http::Method::DELETE_, one).status == 404);
  CHECK(world.audited("COMPLIANCE_ITEM_ADDED") == 3);
  CHECK(world.audited("COMPLIANCE_ITEM_REMOVED") == 1);
}

TEST_CASE("compliance items: what is wrong is refused in words, and nothing is stored") {
  Compliance world;
  const auto refused = world.post(items, R"({"name":"Gas","expires_on":"2027-02-30"})");
  CHECK(refused.status == 400);
  CHECK(refused.body.find(R"("field":"expires_on")") != std::string::npos);
  CHECK(world.post("/api/admin/clients/nobody/compliance-items", gas).status == 404);
  CHECK(world.get("/api/admin/clients/nobody/compliance-items").status == 404);
  CHECK(world.get(std::string(items) + "?cursor=x").status == 400);
  CHECK(world.post(items, "{").status == 400);
  CHECK(world.call(http::Method::POST, items, gas, {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(world.patch(std::string(items) + "/x", "{}").status == 404);
  CHECK(world.number("SELECT count(*) FROM provisioning.compliance_items") == 0);
  world.owner.run(
      "INSERT INTO provisioning.compliance_items SELECT gen_random_uuid(), 'acme', 'x', '2027-01-01', 'ACTIVE', now(), "
      "now(), now() FROM generate_series(1, " +
      std::to_string(items_per_client_max) + ")");
  const auto full = world.post(items, gas);
  CHECK(full.status == 409);
  CHECK(full.body.find("COMPLIANCE_ITEMS_FULL") != std::string::npos);
}

TEST_CASE("compliance items: an OWNER is let to its own client's only, STAFF and other keys to none") {
  Compliance world;
  const std::string id = world.add();
  const std::string of_other = "/api/admin/clients/other/compliance-items";
  const http::Fields owner = world.session(Role::OWNER, "acme"), other = world.session(Role::OWNER, "other"),
                     staff = world.session(Role::STAFF, "acme");
  CHECK(world.call(http::Method::GET, items, {}, owner).status == 200);
  CHECK(world.call(http::Method::POST, items, gas, owner).status == 201);
  CHECK(world.call(http::Method::POST, items, gas, {owner[0], owner[1]}).status == 403);  // no CSRF token
  for (const http::Fields& who : {other, staff, http::Fields{{"Authorization", "Bearer " + world.other_key}}}) {
    CHECK(world.call(http::Method::GET, items, {}, who).status == 403);
    CHECK(world.call(http::Method::POST, items, gas, who).status == 403);
    CHECK(world.call(http::Method::PATCH, std::string(items) + "/" + id, "{}", who).status == 403);
    CHECK(world.call(http::Method::DELETE_, std::string(items) + "/" + id, {}, who).status == 403);
  }
  // Another client's item is none of this one's.
  CHECK(world.call(http::Method::PATCH, of_other + "/" + id, R"({"status":"RESOLVED"})", other).status == 404);
  CHECK(world.call(http::Method::DELETE_, of_other + "/" + id, {}, other).status == 404);
  CHECK(world.number("SELECT count(*) FROM provisioning.compliance_items WHERE status = 'ACTIVE'") == 2);
}

TEST_CASE("reports: an OWNER asks for one and it is stored and sent, up to ten an hour; STAFF get 403") {
  Compliance world;
  world.add();
  const http::Fields owner = world.session(Role::OWNER, "acme"), staff = world.session(Role::STAFF, "acme");
  CHECK(world.call(http::Method::POST, "/api/reports", {}, staff).status == 403);
  CHECK(world.call(http::Method::POST, "/api/reports", {}, {owner[0], owner[1]}).status == 403);
  CHECK(world.post("/api/reports").status == 401);  // an API key is nobody's
  const auto asked = world.call(http::Method::POST, "/api/reports", {}, owner);
  CHECK(asked.status == 202);
  const auto sent = world.published(bus::topics::send_requests);
  REQUIRE(sent.size() == 1);
  const auto request = events::from_json<events::SendRequest>(sent[0].record.value);
  CHECK(request->template_key == "SCHEDULED_REPORT");
  CHECK(request->client_id == "acme");
  CHECK(world.json(asked)["message_id"].GetString() == request->message_id);
  CHECK(world.text("SELECT attachment_id FROM attachments.files") == request->attachments.at(0));
  CHECK(world.text("SELECT convert_from(content, 'UTF8') FROM attachments.files")
            .find("\"Gas safety record\",2026-10-20") != std::string::npos);
  CHECK(world.audited("REPORT_REQUESTED") == 1);
  for (int n = 1; n < reports_per_hour_max; ++n)
    CHECK(world.call(http::Method::POST, "/api/reports", {}, owner).status == 202);
  CHECK(world.call(http::Method::POST, "/api/reports", {}, owner).status == 429);
  world.clock.advance(std::chrono::hours{1} + std::chrono::seconds{1});
  CHECK(world.call(http::Method::POST, "/api/reports", {}, world.session(Role::OWNER, "acme")).status == 202);
}

TEST_CASE("scheduled jobs api: listed, run once on demand for everybody who was not told, refused to others") {
  Compliance world;
  world.add();  // expires within 30 days of the clock's date
  const auto jobs = world.json(world.get("/api/admin/scheduled-jobs"));
  CHECK(jobs["items"].Size() == scheduled_jobs.size());
  const std::string run = "/api/admin/scheduled-jobs/compliance-reminders/run";
  CHECK(world.post("/api/admin/scheduled-jobs/nothing/run").status == 404);
  CHECK(world.call(http::Method::POST, run, {}, {{"Authorization", "Bearer " + world.other_key}}).status == 403);
  CHECK(world.call(http::Method::POST, run, {}, world.session(Role::OWNER, "acme")).status == 403);
  for (int times = 0; times < 2; ++times) {
    const auto asked = world.post(run);
    REQUIRE(asked.status == 202);
    const std::string id = world.json(asked)["run_id"].GetString();
    REQUIRE(world.wait(
        [&] { return world.text("SELECT outcome FROM provisioning.job_runs WHERE id = '" + id + "'") == "DONE"; }));
  }
  CHECK(world.published(bus::topics::send_requests).size() == 1);
  CHECK(world.audited("SCHEDULED_JOB_REQUESTED") == 2);
  const auto after = world.json(world.get("/api/admin/scheduled-jobs"));
  const auto& job = after["items"][0];
  CHECK(job["name"].GetString() == std::string("compliance-reminders"));
  CHECK(job["time_zones"].GetInt() == 2);
  CHECK(job["runs"].Size() == 2);
  CHECK(job["runs"][1]["emails"].GetInt() == 1);
  CHECK(job["runs"][1]["requested_by"].GetString() == std::string("api:operator"));
  CHECK(job["next_at"].GetString() == std::string("2026-09-22T08:00:00.000000Z"));
}
