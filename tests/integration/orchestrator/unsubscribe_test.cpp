#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "orchestrator/core/unsubscribe_token.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using http::Method;

namespace {

constexpr const char* public_url = "https://mail.example.com";
constexpr const char* form = "application/x-www-form-urlencoded";
constexpr const char* one_click = "List-Unsubscribe=One-Click";

PipeOptions with_links() {
  PipeOptions options;
  options.settings.public_url = public_url;
  return options;
}

std::string follow_up(const std::string& address) {
  return "{\"template_key\":\"LEAD_FOLLOWUP\",\"recipient\":\"" + address +
         "\",\"variables\":{\"subject\":\"Hi\",\"body\":\"x\",\"unsubscribe_url\":\"https://evil.example\"}}";
}

// The decision about a request, and its dispatch when it went on.
struct Decided {
  std::string status, reason;
  events::Dispatch dispatch;
};

Decided decide(Pipe& pipe, const std::string& body) {
  const auto answer = pipe.post(body);
  REQUIRE(answer.status == 202);
  const std::string mark = "\"message_id\":\"";
  const std::string id = answer.body.substr(answer.body.find(mark) + mark.size(), 36);
  Decided decided;
  REQUIRE(pipe.seen.wait([&] {
    for (const auto& event : pipe.seen.messages()) {
      if (event.message_id == id) decided = {events::enum_name(event.status), event.reason, {}};
    }
    for (auto& dispatch : pipe.seen.dispatches()) {
      if (dispatch.message_id == id) decided.dispatch = std::move(dispatch);
    }
    return !decided.status.empty() && (decided.status != "QUEUED" || !decided.dispatch.message_id.empty());
  }));
  return decided;
}

// The path of a link, as the server behind the public address sees it.
std::string path_of(const events::Dispatch& dispatch) {
  REQUIRE(dispatch.unsubscribe_url.starts_with(std::string(public_url) + "/unsubscribe/"));
  return dispatch.unsubscribe_url.substr(std::string(public_url).size());
}

}  // namespace

TEST_CASE("unsubscribe: mail of such a template carries its link in text, HTML and for the headers; other mail none") {
  Pipe pipe(with_links());
  REQUIRE(pipe.wait_ready());
  const auto mail = decide(pipe, follow_up("ann@example.com")).dispatch;
  const auto token = path_of(mail).substr(std::string("/unsubscribe/").size());
  const auto ticket = orchestrator::read_unsubscribe_token(token, pipe.sealer());
  REQUIRE(ticket);
  CHECK(ticket->category == "leads");
  CHECK(ticket->message_id == mail.message_id);
  CHECK(ticket->recipient_hash == mail.recipient_hash);
  CHECK(mail.text.find(mail.unsubscribe_url) != std::string::npos);
  CHECK(mail.html.find("href=\"" + mail.unsubscribe_url) != std::string::npos);
  CHECK(mail.html.find("evil.example") == std::string::npos);
  const auto other = decide(
      pipe, R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"x"}})");
  CHECK(other.dispatch.unsubscribe_url.empty());
  CHECK(other.dispatch.text.find("nsubscribe") == std::string::npos);
}

TEST_CASE("unsubscribe: without a public address there are no links") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto mail = decide(pipe, follow_up("ann@example.com")).dispatch;
  CHECK(mail.unsubscribe_url.empty());
  CHECK(mail.text.find("nsubscribe") == std::string::npos);
}

TEST_CASE(
    "unsubscribe: looking changes nothing; one click blocks that category and nothing else, as often as it comes") {
  Pipe pipe(with_links());
  REQUIRE(pipe.wait_ready());
  const std::string link = path_of(decide(pipe, follow_up("ann@example.com")).dispatch);
  for (const Method method : {Method::GET, Method::HEAD}) {
    const auto page = pipe.request(method, link, "");
    CHECK(page.status == 200);
    CHECK(http::field(page.headers, "Cache-Control") == "no-store");
  }
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.unsubscribes") == 0);
  CHECK(decide(pipe, follow_up("ann@example.com")).status == "QUEUED");
  for (int i = 0; i < 3; ++i) CHECK(pipe.request(Method::POST, link, "", one_click, form).status == 200);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.unsubscribes") == 1);
  const auto blocked = decide(pipe, follow_up("ann@example.com"));
  CHECK(blocked.status == "BLOCKED_PREFERENCE");
  CHECK(blocked.reason == "RECIPIENT_UNSUBSCRIBED");
  CHECK(decide(pipe, follow_up("bob@example.com")).status == "QUEUED");
  // Of the same category, but a reply to what they asked.
  CHECK(decide(pipe, R"({"template_key":"LEAD_RECEIVED","recipient":"ann@example.com"})").status == "QUEUED");
  CHECK(
      decide(pipe,
             R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"x"}})")
          .status == "QUEUED");
  std::vector<events::AuditEvent> audits;
  REQUIRE(pipe.seen.wait([&] {
    audits.clear();
    for (const auto& audit : pipe.seen.audits())
      if (audit.action == "RECIPIENT_UNSUBSCRIBED") audits.push_back(audit);
    return !audits.empty();
  }));
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].subject_id == pipe.sealer().reference("ann@example.com"));
  CHECK(audits[0].details.at("category") == "leads");
  CHECK(audits[0].actor == "recipient");
}

TEST_CASE("unsubscribe: an admin sees it in the list and may lift it, by its category alone") {
  Pipe pipe(with_links());
  REQUIRE(pipe.wait_ready());
  const std::string link = path_of(decide(pipe, follow_up("ann@example.com")).dispatch);
  REQUIRE(pipe.request(Method::POST, link, "", one_click, form).status == 200);
  const std::string list = "/api/admin/suppressions";
  const auto listed = pipe.request(Method::GET, list + "?recipient=ann@example.com", pipe.admin_key);
  CHECK(listed.body.find("\"category\":\"leads\",\"reason\":\"UNSUBSCRIBE\"") != std::string::npos);
  CHECK(pipe.request(Method::DELETE_, list + "/EMAIL/ann@example.com", pipe.admin_key).body == "{\"removed\":0}");
  CHECK(decide(pipe, follow_up("ann@example.com")).status == "BLOCKED_PREFERENCE");
  CHECK(pipe.request(Method::DELETE_, list + "/EMAIL/ann@example.com?category=leads", pipe.admin_key).body ==
        "{\"removed\":1}");
  CHECK(decide(pipe, follow_up("ann@example.com")).status == "QUEUED");
}

TEST_CASE("unsubscribe: a foreign or broken token is a 404 page without a statement, a POST that does not ask is 400") {
  Pipe pipe(with_links());
  REQUIRE(pipe.wait_ready());
  const std::string link = path_of(decide(pipe, follow_up("ann@example.com")).dispatch);
  const auto other = *security::Sealer::from_text(std::string(64, 'e'));
  const std::string foreign = "/unsubscribe/" + orchestrator::unsubscribe_token(
                                                    {events::Channel::EMAIL, pipe.sealer().reference("ann@example.com"),
                                                     "leads", "019c1699-7f98-7000-8000-000000000001"},
                                                    other);
  for (const std::string& bad : {foreign, std::string("/unsubscribe/x"), link.substr(0, link.size() - 2)}) {
    for (const Method method : {Method::GET, Method::POST}) {
      const auto page = pipe.request(method, bad, "", method == Method::POST ? one_click : "", form);
      CHECK(page.status == 404);
      CHECK(http::field(page.headers, "Content-Type") == "text/html; charset=utf-8");
    }
  }
  CHECK(pipe.request(Method::POST, link, "", "", form).status == 400);
  CHECK(pipe.request(Method::POST, link, "", one_click, "text/plain").status == 400);
  CHECK(pipe.request(Method::PUT, link, "", one_click, form).status == 405);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.unsubscribes") == 0);
}

TEST_CASE("unsubscribe: a provider's own link stops every category that can be unsubscribed, and suppresses nobody") {
  Pipe pipe(with_links());
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  events::Feedback feedback;
  feedback.kind = events::FeedbackKind::SUPPRESS;
  feedback.message_id = "019c1699-7f98-7000-8000-000000000001";
  feedback.channel = events::Channel::EMAIL;
  feedback.recipient_hash = pipe.sealer().reference("c1@example.com");
  feedback.reason = "UNSUBSCRIBE";
  pipe.publish(
      bus::topics::feedback,
      {{feedback.message_id,
        events::binary_headers("carillon.feedback.v1", "carillon/dispatcher", feedback.message_id, from_unix_micros(0)),
        events::to_json(feedback)}});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.unsubscribes") == 1; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 0);
  CHECK(decide(pipe, follow_up("c1@example.com")).status == "BLOCKED_PREFERENCE");
  CHECK(
      decide(
          pipe,
          R"({"template_key":"MONTHLY_DIGEST","client_id":"c1","min_client_version":1,"variables":{"month":"May","lines":[{"label":"a","value":1}]}})")
          .status == "BLOCKED_PREFERENCE");
  CHECK(decide(pipe, R"({"template_key":"PAYMENT_FAILED","client_id":"c1","variables":{"amount":"5 EUR"}})").status ==
        "QUEUED");
}

TEST_CASE("unsubscribe: mail of a sealed request carries its link too, which tells nothing of the address") {
  Pipe pipe(with_links());
  REQUIRE(pipe.wait_ready());
  events::SealedContent content;
  content.recipient = "ann@example.com";
  content.variables.text = R"({"subject":"Hi","body":"x"})";
  events::SendRequest request;
  request.message_id = "019c1699-7f98-7000-8000-000000000001";
  request.template_key = "LEAD_FOLLOWUP";
  request.sealed = pipe.sealer().seal(events::to_json(content), request.message_id);
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/leads", "l1", events::to_json(request))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  CHECK(dispatch.text.empty());
  const auto answer = pipe.request(Method::POST, path_of(dispatch), "", one_click, form);
  CHECK(answer.status == 200);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.unsubscribes WHERE recipient_hash = '" +
                    pipe.sealer().reference("ann@example.com") + "' AND category = 'leads'") == 1);
  const auto plain = pipe.sealer().open(dispatch.sealed, dispatch.message_id);
  REQUIRE(plain);
  CHECK(plain->find("/unsubscribe/") != std::string::npos);
}
