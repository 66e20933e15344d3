#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "integration/provisioning/world.hpp"
#include "provisioning/app/run_jobs.hpp"
#include "security/accounts.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

struct Paying : World {
  explicit Paying(const std::string& email = "ann@acme.example", int instances = 1, std::string reached_at = public_url)
      : World({}, instances, std::move(reached_at)) {
    REQUIRE(wait_ready());
    change([&](auto& tx, auto& out) {
      Client acme;
      acme.id = "acme";
      acme.business_name = "Acme";
      acme.contacts.email = email;
      REQUIRE(insert_client(tx, out, acme, clock.now()));
    });
  }
  void pay() {
    events::BillingEvent event = paid("acme");
    event.email.clear();
    bill({event});
  }
  std::string job(const std::string& column) { return text("SELECT " + column + " FROM provisioning.jobs"); }
  bool job_is(const std::string& status) {
    return wait([&] { return number("SELECT count(*) FROM provisioning.jobs WHERE status = '" + status + "'") == 1; });
  }
  std::vector<events::SendRequest> alerts() {
    std::vector<events::SendRequest> all;
    for (const auto& received : published(bus::topics::send_requests)) {
      auto request = events::from_json<events::SendRequest>(received.record.value);
      REQUIRE(request);
      if (request->template_key == "PROVISIONING_FAILED_ADMIN") all.push_back(std::move(*request));
    }
    return all;
  }
};

// Failpoints are the process's: none may outlive its test.
struct Failpoints {
  explicit Failpoints(const std::string& text) { configure_failpoints(text); }
  ~Failpoints() { configure_failpoints(""); }
};

std::string variable(const events::SendRequest& request, const char* name) {
  rapidjson::Document variables;
  variables.Parse(request.variables.text.data(), request.variables.text.size());
  REQUIRE(variables.HasMember(name));
  return variables[name].GetString();
}

}  // namespace

TEST_CASE("provisioning: account, PROVISIONED, PROVISIONING_COMPLETED, and only then WELCOME_EMAIL") {
  Paying world;
  world.pay();
  REQUIRE(world.job_is("DONE"));
  const auto mails = world.mails();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].request.template_key == "WELCOME_EMAIL");
  CHECK(mails[0].request.client_id == "acme");
  CHECK(mails[0].request.recipient.empty());
  CHECK(mails[0].recipient == "ann@acme.example");
  CHECK(mails[0].link.starts_with(std::string(public_url) + "/set-password?t="));
  // The mail waits for the version that says PROVISIONED.
  std::int64_t first_provisioned = 0;
  for (const auto& state : world.states())
    if (state.onboarding_status == "PROVISIONED" && first_provisioned == 0) first_provisioned = state.version;
  CHECK(first_provisioned > 0);
  CHECK(mails[0].request.min_client_version == first_provisioned);
  CHECK(world.audited("PROVISIONING_COMPLETED") == 1);
  CHECK(world.text("SELECT role || ' ' || client_id FROM identity.accounts WHERE email = 'ann@acme.example'") ==
        "OWNER acme");
  CHECK(world.number("SELECT count(*) FROM identity.password_links") == 1);
}

TEST_CASE("provisioning: a step that fails is taken again and leaves nothing half done") {
  const std::string step = GENERATE("create_portal_user", "mark_provisioned", "send_welcome");
  const std::string moment = GENERATE("before_commit", "after_commit");
  CAPTURE(step, moment);
  Paying world;
  const Failpoints failing("provisioning." + step + "." + moment + "=error@1");
  world.pay();
  // Before the commit the try counts, and the next comes after a pause; after it the step was taken.
  if (moment == "before_commit") {
    REQUIRE(world.wait([&] { return world.number("SELECT count(*) FROM provisioning.jobs WHERE attempts = 1") == 1; }));
    CHECK(world.job("last_error") == "STEP_FAILED");
    world.clock.advance(10s);
  }
  REQUIRE(world.job_is("DONE"));
  CHECK(world.mails().size() == 1);
  CHECK(world.number("SELECT count(*) FROM identity.accounts") == 1);
  CHECK(world.number("SELECT count(*) FROM identity.password_links") == 1);
  CHECK(world.audited("PROVISIONING_COMPLETED") == 1);
  CHECK(world.alerts().empty());
}

TEST_CASE("provisioning: a step that goes on failing is reported to the admins once, and retried by hand") {
  Paying world;
  // A trigger of the test's own makes the step fail as often as it is tried.
  world.owner.run("CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
  world.owner.run(
      "CREATE TRIGGER refuse BEFORE INSERT ON identity.accounts FOR EACH ROW EXECUTE FUNCTION public.refuse()");
  world.pay();
  for (int attempts = 1; attempts < 5; ++attempts) {
    REQUIRE(world.wait([&] {
      return world.number("SELECT count(*) FROM provisioning.jobs WHERE attempts >= " + std::to_string(attempts)) == 1;
    }));
    CHECK(world.alerts().empty());
    world.clock.advance(10min);
  }
  REQUIRE(world.job_is("FAILED"));
  REQUIRE(world.alerts().size() == 1);
  const auto alert = world.alerts().front();
  CHECK(variable(alert, "job_id") == world.job("id"));
  CHECK(variable(alert, "step") == "CREATE_PORTAL_USER");
  CHECK(variable(alert, "client_name") == "Acme");
  CHECK(variable(alert, "error") == "STEP_FAILED");
  CHECK(world.audited("PROVISIONING_FAILED") == 1);
  CHECK(world.mails().empty());
  const std::string retry = "/api/admin/jobs/" + world.job("id") + "/retry";
  world.owner.run("DROP TRIGGER refuse ON identity.accounts");
  CHECK(world.post(retry).status == 202);
  REQUIRE(world.job_is("DONE"));
  CHECK(world.mails().size() == 1);
  CHECK(world.alerts().size() == 1);
  CHECK(world.audited("PROVISIONING_RETRIED") == 1);
  CHECK(world.post(retry).status == 409);
  CHECK(world.post("/api/admin/jobs/0194f0c0-0000-7000-8000-000000000001/retry").status == 404);
  CHECK(world.post("/api/admin/jobs/none/retry").status == 404);
}

TEST_CASE("provisioning: what no further try can mend is told at once") {
  Paying world("");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  REQUIRE(world.alerts().size() == 1);
  CHECK(variable(world.alerts().front(), "error") == "CLIENT_HAS_NO_EMAIL");
  CHECK(world.patch("/api/admin/clients/acme", R"({"contacts":{"email":"ann@acme.example"}})").status == 200);
  CHECK(world.post("/api/admin/jobs/" + world.job("id") + "/retry").status == 202);
  REQUIRE(world.job_is("DONE"));
}

TEST_CASE("provisioning: an address that is somebody else's account is no owner") {
  Paying world;
  world.change([&](auto& tx, auto&) {
    REQUIRE(security::make_account(tx, "ann@acme.example", security::Role::OWNER, "other", world.clock.now()));
  });
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  CHECK(world.job("last_error") == "EMAIL_TAKEN");
  CHECK(world.text("SELECT onboarding_status FROM provisioning.clients") == "PENDING");
}

TEST_CASE("provisioning: a closed account of the client's address is no owner, until it is open again") {
  Paying world;
  world.change([&](auto& tx, auto&) {
    REQUIRE(security::make_account(tx, "ann@acme.example", security::Role::OWNER, "acme", world.clock.now()));
  });
  world.owner.run("UPDATE identity.accounts SET disabled_at = now()");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  CHECK(world.job("last_error") == "ACCOUNT_CLOSED");
  CHECK(world.mails().empty());  // its link would lead nowhere
  world.owner.run("UPDATE identity.accounts SET disabled_at = NULL");
  CHECK(world.post("/api/admin/jobs/" + world.job("id") + "/retry").status == 202);
  REQUIRE(world.job_is("DONE"));
  SECTION("and an invite is not sent to one that was closed later") {
    world.owner.run("UPDATE identity.accounts SET disabled_at = now()");
    const auto mails = world.mails().size();
    const auto answer = world.post("/api/admin/clients/acme/resend-password-setup");
    CHECK(answer.status == 409);
    CHECK(answer.body.find("ACCOUNT_CLOSED") != std::string::npos);
    CHECK(world.mails().size() == mails);
  }
}

TEST_CASE("provisioning: without a public address no link is sent, and the admins are told why") {
  Paying world("ann@acme.example", 1, "");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  CHECK(world.job("last_error") == "PUBLIC_URL_MISSING");
  CHECK(world.mails().empty());
}

TEST_CASE("provisioning: the job of a client that is removed is over") {
  Paying world("");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  CHECK(world.call(http::Method::DELETE_, "/api/admin/clients/acme").status == 200);
  CHECK(world.post("/api/admin/jobs/" + world.job("id") + "/retry").status == 202);
  REQUIRE(world.job_is("CANCELLED"));
  CHECK(world.audited("PROVISIONING_CANCELLED") == 1);
  CHECK(world.mails().empty());
}

TEST_CASE("provisioning: the job of a client that is no longer paid is over, and nobody is welcomed") {
  Paying world("");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  events::BillingEvent ended = paid("acme", 2);
  ended.kind = events::BillingKind::SUBSCRIPTION_CANCELED;
  ended.subscription_status = "canceled";
  world.bill({ended});
  REQUIRE(world.wait([&] {
    return world.number("SELECT count(*) FROM provisioning.clients WHERE id = 'acme' AND NOT payment_active") == 1;
  }));
  CHECK(world.patch("/api/admin/clients/acme", R"({"contacts":{"email":"ann@acme.example"}})").status == 200);
  CHECK(world.post("/api/admin/jobs/" + world.job("id") + "/retry").status == 202);
  REQUIRE(world.job_is("CANCELLED"));
  CHECK(world.job("last_error") == "NOT_PAID");
  CHECK(world.audited("PROVISIONING_CANCELLED") == 1);
  CHECK(world.mails().empty());
}

TEST_CASE("provisioning: a client that pays again has its failed job begun anew") {
  Paying world("");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  CHECK(world.patch("/api/admin/clients/acme", R"({"contacts":{"email":"ann@acme.example"}})").status == 200);
  world.bill({paid("acme", 2)});
  REQUIRE(world.job_is("DONE"));
  CHECK(world.number("SELECT count(*) FROM provisioning.jobs") == 1);
  CHECK(world.audited("PROVISIONING_STARTED") == 2);
  CHECK(world.mails().size() == 1);
}

TEST_CASE("provisioning: many jobs on two instances, each welcomed once") {
  World world({}, 2);
  constexpr int clients = 60;
  std::vector<events::BillingEvent> events;
  world.change([&](auto& tx, auto& out) {
    for (int i = 0; i < clients; ++i) {
      Client client = some_client("c" + std::to_string(i));
      REQUIRE(insert_client(tx, out, client, world.clock.now()));
      events.push_back(paid(client.id));
    }
  });
  world.bill(events);
  REQUIRE(world.wait(
      [&] { return world.number("SELECT count(*) FROM provisioning.jobs WHERE status = 'DONE'") == clients; }));
  std::set<std::string> welcomed;
  for (const auto& mail : world.mails()) CHECK(welcomed.insert(mail.recipient).second);
  CHECK(welcomed.size() == clients);
  CHECK(world.audited("PROVISIONING_COMPLETED") == clients);
}

TEST_CASE("provisioning: jobs are listed in pages, by status and client") {
  Paying world("");
  world.pay();
  REQUIRE(world.job_is("FAILED"));
  const auto listed = world.get("/api/admin/jobs?status=FAILED&client_id=acme");
  CHECK(listed.status == 200);
  CHECK(listed.body.find("\"last_error\":\"CLIENT_HAS_NO_EMAIL\"") != std::string::npos);
  CHECK(world.get("/api/admin/jobs?status=DONE").body == R"({"items":[],"next_cursor":null})");
  CHECK(world.get("/api/admin/jobs?status=WON").status == 400);
}

TEST_CASE("resend: 403 ACCOUNT_NOT_READY unless PROVISIONED, then a new link") {
  Paying world;
  const std::string resend = "/api/admin/clients/acme/resend-password-setup";
  const auto early = world.post(resend);
  CHECK(early.status == 403);
  CHECK(early.body.find("\"code\":\"ACCOUNT_NOT_READY\"") != std::string::npos);
  CHECK(world.mails().empty());
  CHECK(world.post("/api/admin/clients/other/resend-password-setup").status == 404);
  world.pay();
  REQUIRE(world.job_is("DONE"));
  const auto answer = world.post(resend);
  CHECK(answer.status == 202);
  const auto mails = world.mails();
  REQUIRE(mails.size() == 2);
  CHECK(mails[1].request.template_key == "WELCOME_EMAIL");
  CHECK(mails[1].recipient == "ann@acme.example");
  CHECK(mails[1].link != mails[0].link);
  CHECK(answer.body == R"({"message_id":")" + mails[1].request.message_id + "\"}");
  std::vector<std::string> outcomes;
  for (const auto& audit : world.audits())
    if (audit.action == "PASSWORD_SETUP_RESENT") outcomes.push_back(audit.outcome + " " + audit.reason);
  CHECK(outcomes == std::vector<std::string>{"REFUSED ACCOUNT_NOT_READY", "REFUSED CLIENT_NOT_FOUND", "OK "});
}

TEST_CASE("resend: an owner who has a password gets PASSWORD_RESET") {
  Paying world;
  world.pay();
  REQUIRE(world.job_is("DONE"));
  world.owner.run("UPDATE identity.accounts SET password_hash = 'x', password_changed_at = now()");
  CHECK(world.post("/api/admin/clients/acme/resend-password-setup").status == 202);
  CHECK(world.mails().back().request.template_key == "PASSWORD_RESET");
}
