#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "integration/signed_in.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using carillon::testing::SignedIn;
using http::Method;
using security::Role;

namespace {

struct Scene {
  http::Answer call(Method method, const std::string& path, const SignedIn& who, std::string body = {}) {
    http::Call call;
    call.method = method;
    call.url = pipe.url() + path;
    call.headers = who.headers();
    call.body = std::move(body);
    return pipe.client.call_and_wait(std::move(call));
  }
  http::Answer get(const std::string& path) { return call(Method::GET, path, admin); }
  http::Answer post(const std::string& path, http::Fields fields, bool with_csrf = true) {
    return call(Method::POST, path, admin, admin.form(std::move(fields), with_csrf));
  }
  static std::string location(const http::Answer& answer) {
    return std::string(http::field(answer.headers, "Location"));
  }
  static bool holds(const http::Answer& answer, std::string_view text) {
    return answer.body.find(text) != std::string::npos;
  }
  std::int64_t entries() { return pipe.number("SELECT count(*) FROM orchestrator.suppressions"); }

  Pipe pipe;
  SignedIn admin{pipe.owner, pipe.sealer(), pipe.clock.now(), Role::ADMIN};
};

}  // namespace

TEST_CASE_METHOD(Scene, "suppression pages: an ADMIN adds, finds and removes an entry; pages hold references only") {
  CHECK(holds(get("/admin/suppressions"), "Nobody is suppressed."));
  CHECK(post("/admin/suppressions", {{"channel", "EMAIL"}, {"recipient", "ann@example.com"}}, false).status == 403);
  CHECK(entries() == 0);
  CHECK(location(post("/admin/suppressions", {{"channel", "EMAIL"}, {"recipient", " Ann@EXAMPLE.com"}})) ==
        "/admin/suppressions?done=added");
  CHECK(entries() == 1);
  const std::string hash = pipe.sealer().reference("ann@example.com");
  const auto found = post("/admin/suppressions/search", {{"recipient", "ann@example.com"}});
  CHECK(location(found) == "/admin/suppressions?recipient=" + hash);
  const auto list = get(location(found));
  CHECK(holds(list, hash));
  CHECK_FALSE(holds(list, "ann@example.com"));
  CHECK(location(post("/admin/suppressions/lift", {{"channel", "EMAIL"}, {"recipient", hash}})) ==
        "/admin/suppressions?done=lifted");
  CHECK(entries() == 0);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.audits().size() >= 2; }));
  for (const auto& audit : pipe.seen.audits()) CHECK(audit.actor == "account:" + admin.account_id);
}

TEST_CASE_METHOD(Scene,
                 "suppression pages: what is no recipient is told beside its field, and a message is led back to") {
  const auto refused = post("/admin/suppressions", {{"channel", "SMS"}, {"recipient", "ann@example.com"}});
  CHECK(refused.status == 422);
  CHECK(holds(refused, "<a href=\"#add-recipient\">"));
  CHECK(post("/admin/suppressions/search", {{"recipient", "ann"}}).status == 422);
  CHECK(get("/admin/suppressions?channel=PIGEON").status == 400);
  const std::string message = "019c1699-7f98-7000-8000-000000000001";
  CHECK(location(post("/admin/suppressions", {{"channel", "EMAIL"},
                                              {"recipient", pipe.sealer().reference("bob@example.com")},
                                              {"message_id", message}})) ==
        "/admin/messages/" + message + "?done=suppressed");
}

TEST_CASE_METHOD(Scene, "suppression pages are an ADMIN's") {
  const SignedIn owner(pipe.owner, pipe.sealer(), pipe.clock.now(), Role::OWNER);
  CHECK(call(Method::GET, "/admin/suppressions", owner).status == 403);
  CHECK(call(Method::POST, "/admin/suppressions", owner, owner.form({{"channel", "EMAIL"}})).status == 403);
  CHECK(location(pipe.request(Method::GET, "/admin/suppressions", "")).starts_with("/login?next="));
}
