#include <catch2/catch.hpp>

#include "integration/provisioning/portal.hpp"
#include "security/csrf.hpp"

namespace carillon::provisioning::testing {
namespace {

using namespace std::chrono_literals;
using security::Role;

TEST_CASE("login: the right password begins a session and leads to the role's first page") {
  Portal portal;
  Browser browser(portal);
  const auto answer = browser.log_in("Ann@Example.com ", password);
  CHECK(answer.status == 303);
  CHECK(location(answer) == "/billing");
  const std::string cookie(http::field(answer.headers, "Set-Cookie"));
  CHECK(cookie.starts_with("__Host-carillon_session="));
  for (const char* attribute : {"; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"})
    CHECK(cookie.find(attribute) != std::string::npos);
  CHECK(location(browser.get("/login")) == "/billing");
  CHECK(location(browser.get("/")) == "/billing");
  CHECK(portal.audited("LOGGED_IN") == 1);
}

TEST_CASE("login: an ADMIN lands on the start page") {
  Portal portal;
  somebody(portal, "root@example.com", Role::ADMIN, "", password);
  Browser browser(portal);
  CHECK(location(browser.log_in("root@example.com", password)) == "/admin/notification-health");
  CHECK(browser.get("/admin/more").status == 200);
}

TEST_CASE("login: a wrong password, an unknown address and a closed account get the same answer") {
  Portal portal;
  somebody(portal, "gone@example.com", Role::STAFF, "client-1", password);
  portal.owner.run("UPDATE identity.accounts SET disabled_at = now() WHERE email = 'gone@example.com'");
  const auto answer_to = [&](const char* email, const char* entered) {
    auto answer = Browser(portal).log_in(email, entered);
    CHECK(answer.status == 401);
    CHECK(http::field(answer.headers, "Set-Cookie").empty());
    const auto at = answer.body.find(email);
    REQUIRE(at != std::string::npos);  // what was entered is not lost
    return answer.body.erase(at, std::string(email).size());
  };
  const std::string wrong = answer_to(ann, "another password");
  CHECK(answer_to("bob@example.com", password) == wrong);
  CHECK(answer_to("gone@example.com", password) == wrong);
  CHECK(wrong.find("another password") == std::string::npos);
  CHECK(portal.audited("LOGIN_FAILED") == 3);
  CHECK(portal.sessions() == 0);
}

TEST_CASE("login: an account without a password lets nobody in") {
  Portal portal;
  portal.owner.run("UPDATE identity.accounts SET password_hash = NULL");
  CHECK(Browser(portal).log_in(ann, password).status == 401);
  CHECK(Browser(portal).log_in(ann, "").status == 422);
}

TEST_CASE("login: passwords of 1 and 10,000 characters are wrong like any other") {
  Portal portal;
  CHECK(Browser(portal).log_in(ann, "x").status == 401);
  CHECK(Browser(portal).log_in(ann, std::string(10'000, 'x')).status == 401);
  CHECK(Browser(portal).log_in(ann, std::string(600'000, 'x')).status == 413);
}

TEST_CASE("login: audit entries hold references, never addresses or passwords") {
  Portal portal;
  Browser(portal).log_in(ann, "another password");
  Browser(portal).log_in(ann, password);
  for (const auto& received : portal.published(bus::topics::audit)) {
    CHECK(received.record.value.find(ann) == std::string::npos);
    CHECK(received.record.value.find("another password") == std::string::npos);
    CHECK(received.record.value.find("127.0.0.1") == std::string::npos);
  }
}

TEST_CASE("login: no session fixation: a cookie from elsewhere is not taken over, an old session ends") {
  Portal portal;
  Browser browser(portal);
  const std::string planted(43, 'A');
  browser.set_cookie(planted);
  browser.log_in(ann, password);
  const std::string first = browser.cookie();
  CHECK(first != planted);
  browser.log_in(ann, password);
  CHECK(browser.cookie() != first);
  CHECK(portal.sessions() == 1);
  Browser thief(portal);
  thief.set_cookie(first);
  CHECK(location(thief.get("/")) == "/login");
}

TEST_CASE("login: only paths of ours are gone to afterwards") {
  Portal portal;
  CHECK(location(Browser(portal).log_in(ann, password, "/settings?a=1")) == "/settings?a=1");
  for (const char* next : {"https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "/a\r\nX: y",
                           "javascript:alert(1)", "/\tevil", ""})
    CHECK(location(Browser(portal).log_in(ann, password, next)) == "/billing");
}

TEST_CASE("login: a form of another site is refused and nothing is counted") {
  Portal portal;
  CHECK(Browser(portal)
            .post("/login", {{"email", ann}, {"password", password}}, {{"Sec-Fetch-Site", "cross-site"}})
            .status == 403);
  CHECK(Browser(portal)
            .post("/login", {{"email", ann}, {"password", password}}, {{"Origin", "https://evil.example"}})
            .status == 403);
  CHECK(portal.number("SELECT count(*) FROM identity.login_attempts") == 0);
}

TEST_CASE("logout: ends the session at once and takes the cookie") {
  Portal portal;
  somebody(portal, "root@example.com", Role::ADMIN, "", password);
  Browser browser(portal);
  browser.log_in("root@example.com", password);
  Browser same(portal);
  same.set_cookie(browser.cookie());
  const auto answer = browser.post("/logout", {{"csrf", browser.csrf_token("/admin/more")}});
  CHECK(answer.status == 303);
  CHECK(location(answer) == "/login?done=logged-out");
  CHECK(browser.cookie().empty());
  CHECK(location(same.get("/admin/more")) == "/login?next=%2Fadmin%2Fmore");
  CHECK(portal.sessions() == 0);
  CHECK(portal.audited("LOGGED_OUT") == 1);
}

// A logged-in ADMIN, whose pages hold a token.
struct Signed : Portal {
  Signed() {
    somebody(*this, "root@example.com", Role::ADMIN, "", password);
    somebody(*this, "other@example.com", Role::ADMIN, "", password);
    browser.log_in("root@example.com", password);
  }
  int log_out_with(const http::Fields& fields, http::Fields headers = {}) {
    return browser.post("/logout", fields, std::move(headers)).status;
  }
  Browser browser{*this};
};

TEST_CASE("csrf: a form without the token is refused and changes nothing") {
  Signed s;
  CHECK(s.log_out_with({}) == 403);
  CHECK(s.log_out_with({{"csrf", ""}}) == 403);
  CHECK(s.sessions() == 1);
}

TEST_CASE("csrf: a form with a wrong token is refused and changes nothing") {
  Signed s;
  CHECK(s.log_out_with({{"csrf", "1790000000.AAAA"}}) == 403);
  CHECK(s.sessions() == 1);
}

TEST_CASE("csrf: a form with another session's token is refused and changes nothing") {
  Signed s;
  Browser other(s);
  other.log_in("other@example.com", password);
  CHECK(s.log_out_with({{"csrf", other.csrf_token("/admin/more")}}) == 403);
  CHECK(s.sessions() == 2);
}

TEST_CASE("csrf: a form with an expired token is refused and changes nothing") {
  Signed s;
  const std::string token = s.browser.csrf_token("/admin/more");
  for (auto gone = 0min; gone < security::csrf_lifetime; gone += 20min) {  // the session itself goes on
    s.clock.advance(20min);
    REQUIRE(s.browser.get("/admin/more").status == 200);
  }
  const auto answer = s.browser.post("/logout", {{"csrf", token}});
  CHECK(answer.status == 403);
  CHECK(answer.body.find("open for too long") != std::string::npos);
  CHECK(s.sessions() == 1);
}

TEST_CASE("csrf: a form with the page's token is accepted, in the header too") {
  Signed s;
  CHECK(s.log_out_with({}, {{"X-CSRF-Token", s.browser.csrf_token("/admin/more")}}) == 303);
  s.browser.log_in("root@example.com", password);
  CHECK(s.log_out_with({{"csrf", s.browser.csrf_token("/admin/more")}}) == 303);
}

TEST_CASE("access: without a session a page leads to the login and back again") {
  Portal portal;
  CHECK(location(Browser(portal).get("/admin?a=b%20c")) == "/login?next=%2Fadmin%3Fa%3Db%2520c");
}

TEST_CASE("access: another role's page is refused with 403 and nothing of it shown") {
  Portal portal;
  Browser browser(portal);
  browser.log_in(ann, password);
  const auto answer = browser.get("/admin/more");
  CHECK(answer.status == 403);
  CHECK(answer.body.find("carillon provider check") == std::string::npos);
}

TEST_CASE("access: a role that was changed counts from the next request on") {
  Portal portal;
  somebody(portal, "root@example.com", Role::ADMIN, "", password);
  Browser browser(portal);
  browser.log_in("root@example.com", password);
  CHECK(browser.get("/admin/more").status == 200);
  portal.owner.run(
      "UPDATE identity.accounts SET role = 'STAFF', client_id = 'client-1' WHERE email = 'root@example.com'");
  CHECK(browser.get("/admin/more").status == 403);
  CHECK(browser.get("/").status == 303);  // the session goes on
}

TEST_CASE("access: an idle session is over") {
  Portal portal;
  Browser browser(portal);
  browser.log_in(ann, password);
  portal.clock.advance(30min);
  CHECK(location(browser.get("/")) == "/login");
}

}  // namespace
}  // namespace carillon::provisioning::testing
