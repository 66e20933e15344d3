#include <catch2/catch.hpp>
#include <future>

#include "integration/provisioning/browser.hpp"
#include "provisioning/app/account_housekeeping.hpp"

namespace carillon::provisioning::testing {
namespace {

using namespace std::chrono_literals;
using security::LinkPurpose;
using security::Role;

constexpr const char* ann = "ann@example.com";
constexpr const char* old_password = "seven lamps on a quay";
constexpr std::chrono::seconds wait_max{10};
constexpr const char* new_password = "a kettle and no tea";

struct Portal : World {
  explicit Portal(ProvisioningSettings settings = {}) : World(std::move(settings)) {
    somebody(*this, ann, Role::OWNER, "client-1", old_password);
  }
  http::Answer use(const std::string& path, const std::string& password, const std::string& repeated) {
    return Browser(*this).post(
        "/set-password", {{"t", path.substr(path.find('=') + 1)}, {"password", password}, {"repeated", repeated}});
  }
  http::Answer use(const std::string& path, const std::string& password = new_password) {
    return use(path, password, password);
  }
  int log_in(const std::string& password) { return Browser(*this).log_in(ann, password).status; }
  // Asks, and waits until it was looked into, which the audit log tells of either way.
  http::Answer ask(const std::string& email) {
    owner.run("LISTEN carillon_bus");
    const auto looked_into = [this] {
      return audited("PASSWORD_RESET_REQUESTED") + audited("PASSWORD_RESET_RATE_LIMITED");
    };
    const std::size_t before = looked_into();
    auto answer = Browser(*this).post("/forgot-password", {{"email", email}});
    const SteadyTime end = clock.steady() + wait_max;
    while (looked_into() == before && clock.steady() < end) owner.wait_for_notification(std::chrono::milliseconds{20});
    CHECK(looked_into() == before + 1);
    return answer;
  }
  std::vector<events::SendRequest> requests() {
    std::vector<events::SendRequest> all;
    for (const auto& received : published(bus::topics::send_requests))
      all.push_back(events::from_json<events::SendRequest>(received.record.value).value());
    return all;
  }
  std::string reason(const std::string& action) {
    for (const auto& audit : audits())
      if (audit.action == action) return audit.reason;
    return "none";
  }
};

TEST_CASE("set password: a link sets it once") {
  Portal portal;
  const std::string link = some_link(portal, ann, LinkPurpose::RESET_PASSWORD);
  CHECK(Browser(portal).get(link).status == 200);
  CHECK(Browser(portal).get(link).status == 200);  // looking at it does not use it up
  const auto answer = portal.use(link);
  CHECK(answer.status == 303);
  CHECK(http::field(answer.headers, "Location") == "/login?done=password-set");
  CHECK(portal.log_in(old_password) == 401);
  CHECK(portal.log_in(new_password) == 303);
  CHECK(portal.use(link, "something else again").status == 410);
  CHECK(Browser(portal).get(link).status == 410);
  CHECK(portal.log_in(new_password) == 303);
  CHECK(portal.audited("PASSWORD_SET") == 1);
  CHECK(portal.reason("PASSWORD_LINK_REFUSED") == "LINK_USED");
}

TEST_CASE("set password: of twenty at once with one link exactly one sets it") {
  Portal portal;
  const std::string link = some_link(portal, ann, LinkPurpose::SET_PASSWORD);
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 20; ++i)
    answers.push_back(std::async(std::launch::async, [&portal, &link, i] {
      return portal.use(link, "number " + std::to_string(i) + " of the kettles").status;
    }));
  std::map<int, int> statuses;
  for (auto& answer : answers) ++statuses[answer.get()];
  CHECK(statuses[303] == 1);
  CHECK(statuses[303] + statuses[410] + statuses[503] == 20);
  CHECK(portal.audited("PASSWORD_SET") == 1);
}

TEST_CASE("set password: all sessions of the account end") {
  Portal portal;
  Browser browser(portal);
  browser.log_in(ann, old_password);
  portal.use(some_link(portal, ann, LinkPurpose::RESET_PASSWORD));
  CHECK(http::field(browser.get("/").headers, "Location") == "/login");
  CHECK(portal.number("SELECT count(*) FROM identity.sessions") == 0);
}

TEST_CASE("set password: an expired, a cut and a made-up link set nothing") {
  Portal portal;
  const std::string link = some_link(portal, ann, LinkPurpose::SET_PASSWORD);
  CHECK(portal.use(link.substr(0, link.size() - 1)).status == 404);
  CHECK(portal.use("/set-password?t=" + std::string(43, 'A')).status == 404);
  CHECK(portal.use("/set-password?t=").status == 404);
  portal.clock.advance(1h);
  CHECK(Browser(portal).get(link).status == 410);
  CHECK(portal.use(link).status == 410);
  CHECK(portal.log_in(old_password) == 303);
}

TEST_CASE("set password: made-up links are audited once a minute, with their count") {
  Portal portal;
  const auto made_up = [&] { return portal.use("/set-password?t=" + std::string(43, 'A')).status; };
  for (int i = 0; i < 5; ++i) CHECK(made_up() == 404);
  CHECK(portal.audited("PASSWORD_LINK_REFUSED") == 1);
  portal.clock.advance(60s);
  CHECK(made_up() == 404);
  CHECK(portal.audited("PASSWORD_LINK_REFUSED") == 2);
  CHECK(portal.audits().back().details.at("links") == "5");
}

TEST_CASE("set password: what is no password is refused, and the link stays") {
  Portal portal;
  const std::string link = some_link(portal, ann, LinkPurpose::SET_PASSWORD);
  for (const std::string& password :
       {std::string("x"), std::string(10'000, 'x'), std::string("aaaaaaaaaaaaaaaa"), std::string(ann)}) {
    const auto answer = portal.use(link, password);
    CHECK(answer.status == 422);
    CHECK(answer.body.find("id=\"password-error\"") != std::string::npos);
    const auto field = answer.body.find("id=\"password\"");
    CHECK(answer.body.substr(field, answer.body.find('>', field) - field).find("value") == std::string::npos);
  }
  CHECK(portal.use(link, new_password, old_password).status == 422);
  CHECK(portal.use(link).status == 303);
}

TEST_CASE("set password: a closed account's link is none") {
  Portal portal;
  const std::string link = some_link(portal, ann, LinkPurpose::SET_PASSWORD);
  portal.owner.run("UPDATE identity.accounts SET disabled_at = now()");
  CHECK(Browser(portal).get(link).status == 404);
  CHECK(portal.use(link).status == 404);
}

TEST_CASE("set password: whoever was locked out by failures may log in again") {
  Portal portal;
  for (int i = 0; i < 11; ++i) portal.log_in("another password");
  CHECK(portal.log_in(old_password) == 429);
  portal.use(some_link(portal, ann, LinkPurpose::RESET_PASSWORD));
  CHECK(portal.log_in(new_password) == 303);
}

TEST_CASE("reset: known and unknown addresses get the same answer, and only the known one a message") {
  Portal portal;
  auto known = portal.ask("Ann@example.com").body, unknown = portal.ask("bob@example.com").body;
  known.erase(known.find("Ann@"), 4);
  unknown.erase(unknown.find("bob@"), 4);
  CHECK(known == unknown);
  REQUIRE(portal.requests().size() == 1);
  CHECK(portal.audited("PASSWORD_RESET_REQUESTED") == 2);
}

TEST_CASE("reset: the message is sealed, goes to the account's client and holds a link that works") {
  Portal portal;
  portal.ask(ann);
  const auto requests = portal.requests();
  REQUIRE(requests.size() == 1);
  const events::SendRequest& request = requests.front();
  CHECK(request.template_key == "PASSWORD_RESET");
  CHECK(request.client_id == "client-1");
  CHECK(request.recipient.empty());
  CHECK(request.variables.text == "{}");
  CHECK(events::to_json(request).find("set-password") == std::string::npos);
  const auto plain = portal.sealer().open(request.sealed, request.message_id);
  REQUIRE(plain);
  const auto content = events::from_json<events::SealedContent>(*plain);
  REQUIRE(content);
  CHECK(content->recipient == ann);
  const std::string begin = std::string(R"({"reset_url":")") + public_url;
  REQUIRE(content->variables.text.starts_with(begin));
  const std::string path =
      content->variables.text.substr(begin.size(), content->variables.text.rfind('"') - begin.size());
  CHECK(portal.use(path).status == 303);
}

TEST_CASE("reset: an account gets three messages an hour, and more are not sent") {
  Portal portal;
  for (int i = 0; i < 5; ++i) CHECK(portal.ask(ann).status == 200);
  CHECK(portal.requests().size() == 3);
  CHECK(portal.audited("PASSWORD_RESET_RATE_LIMITED") == 2);
}

TEST_CASE("reset: one address may ask for thirty accounts an hour") {
  ProvisioningSettings settings;
  settings.accounts.limits.resets_per_ip = {2, 1h};
  Portal portal(settings);
  portal.ask("b@example.com");
  portal.ask("c@example.com");
  portal.ask(ann);
  CHECK(portal.requests().empty());
}

TEST_CASE("reset: an ADMIN gets no message, for the command line has the way") {
  Portal portal;
  somebody(portal, "root@example.com", Role::ADMIN, "", old_password);
  CHECK(portal.ask("root@example.com").status == 200);
  CHECK(portal.requests().empty());
  CHECK(portal.reason("PASSWORD_RESET_REQUESTED") == "ADMIN_RESETS_BY_COMMAND");
}

TEST_CASE("reset: what is no address is told so beside the field") {
  Portal portal;
  const auto answer = Browser(portal).post("/forgot-password", {{"email", "no address"}});
  CHECK(answer.status == 422);
  CHECK(answer.body.find("value=\"no address\"") != std::string::npos);
  CHECK(answer.body.find("id=\"email-error\"") != std::string::npos);
}

TEST_CASE("accounts: rows that are over are dropped, others stay") {
  Portal portal;
  Browser(portal).log_in(ann, old_password);
  Browser(portal).log_in(ann, "another password");
  some_link(portal, ann, LinkPurpose::SET_PASSWORD);
  pg::ConnectionSettings settings = carillon::testing::settings_of(portal.database);
  settings.role = role;
  pg::Connection connection(settings);
  CHECK(drop_old_account_rows(connection, {}, portal.clock.now()) == 0);
  portal.clock.advance(31min);
  CHECK(drop_old_account_rows(connection, {}, portal.clock.now()) == 1);  // the session
  portal.clock.advance(31 * 24h);
  CHECK(drop_old_account_rows(connection, {}, portal.clock.now()) ==
        4);  // the link, and counts of address, account and both
}

}  // namespace
}  // namespace carillon::provisioning::testing
