#include "integration/signed_in.hpp"
#include "receipt_calls.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using carillon::testing::SignedIn;
using events::Status;
using http::Method;
using security::Role;

namespace {

struct Scene {
  std::string held(const events::Dispatch& dispatch) {
    postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
    return dispatch.message_id;
  }
  http::Response get(const std::string& path, const SignedIn& who) {
    return instance.call(Method::GET, path, who.headers());
  }
  http::Response decide(const std::string& id, http::Fields fields, bool with_csrf = true) {
    return instance.call(Method::POST, "/admin/held/" + id + "/decision", admin.headers(),
                         admin.form(std::move(fields), with_csrf));
  }
  static std::string location(const http::Response& response) {
    return std::string(http::field(response.headers, "Location"));
  }
  static bool holds(const http::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
  }

  SystemClock clock;
  ScriptPtr postmark = std::make_shared<Script>("postmark");
  World world{clock};
  Instance& instance = world.start({postmark}, {}, postmark_settings());
  SignedIn admin{world.owner(), world.sealer, clock.now(), Role::ADMIN};
};

}  // namespace

TEST_CASE_METHOD(Scene, "held pages: an ADMIN decides, once, with a note, and the audit log says who") {
  const std::string id = held(world.dispatch());
  const auto list = get("/admin/held", admin);
  CHECK(list.status == 200);
  CHECK(holds(list, "/admin/messages/" + id));
  CHECK_FALSE(holds(list, "ann@example.com"));
  CHECK(decide(id, {{"as", "SENT"}}, false).status == 403);
  CHECK(decide(id, {{"as", "MAYBE"}}).status == 422);
  CHECK(decide(id, {{"as", "SENT"}, {"note", std::string(301, 'x')}}).status == 422);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED});
  CHECK(location(decide(id, {{"as", "SENT"}, {"note", "seen there"}})) == "/admin/messages/" + id + "?done=decided");
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::SENT});
  const auto audits = world.audits("MESSAGE_RESOLVED");
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].actor == "account:" + admin.account_id);
  CHECK(decide(id, {{"as", "SENT"}}).status == 404);
  CHECK(holds(get("/admin/held?done=decided", admin), "No message is held."));
}

TEST_CASE_METHOD(Scene, "held pages: sending again leads back to the list it came from") {
  const std::string id = held(world.dispatch());
  postmark->always(accepted("second"));
  CHECK(location(decide(id, {{"as", "RESEND"}, {"from", "held"}})) == "/admin/held?done=decided");
  CHECK(world.until_status(id, Status::SENT));
}

TEST_CASE_METHOD(Scene, "held pages and the provider page are an ADMIN's") {
  const SignedIn owner(world.owner(), world.sealer, clock.now(), Role::OWNER);
  for (const std::string path : {"/admin/held", "/admin/providers"}) {
    INFO(path);
    CHECK(get(path, admin).status == 200);
    CHECK(get(path, owner).status == 403);
    CHECK(location(instance.call(Method::GET, path)).starts_with("/login?next="));
  }
}

TEST_CASE_METHOD(Scene, "provider page: chain, breaker and last error are those of the calls") {
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::PROVIDER_ERROR));
  world.publish({world.dispatch(), world.dispatch(), world.dispatch(), world.dispatch(), world.dispatch()});
  CHECK(world.until([&] { return holds(get("/admin/providers", admin), "5 failures in a row"); }));
  const auto page = get("/admin/providers", admin);
  CHECK(holds(page, "<strong>postmark</strong> <span class=\"soft\">primary</span>"));
  CHECK(holds(page, "<span class=\"state warn\">open</span>"));
}
