// Messages to Slack: the recipient is a webhook's URL, which is a secret.
#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

constexpr const char* secret = "sEcReTpArT";
const std::string webhook = std::string("https://hooks.slack.com/services/T0/B0/") + secret;

PipeOptions with_slack() {
  PipeOptions options;
  options.slack_known = true;
  return options;
}

std::string manual(const std::string& more) {
  return R"({"template_key":"ADMIN_MANUAL_SLACK",)" + more + R"("variables":{"subject":"Hi","body":"Hello"}})";
}

std::string to(const std::string& recipient) {
  return manual("\"recipient\":\"" + recipient + "\",");
}

void check_no_secret(Pipe& pipe) {
  for (const auto& topic :
       {bus::topics::send_requests, bus::topics::dispatch, bus::topics::message_log, bus::topics::audit}) {
    INFO(topic.name);
    for (const auto& record : pipe.seen.of(topic)) CHECK(record.record.value.find(secret) == std::string::npos);
    CHECK(pipe.number("SELECT count(*) FROM bus." + std::string(topic.table) + " WHERE position('" + secret +
                      "'::bytea in records) > 0") == 0);
  }
}

events::SealedContent content_of(Pipe& pipe, const events::Dispatch& dispatch) {
  CHECK(dispatch.recipient.empty());
  CHECK(dispatch.text.empty());
  const auto plain = pipe.sealer().open(dispatch.sealed, dispatch.message_id);
  REQUIRE(plain);
  return *events::from_json<events::SealedContent>(*plain);
}

}  // namespace

TEST_CASE("slack: a request to a webhook URL becomes a dispatch, and its URL rests sealed everywhere") {
  Pipe pipe(with_slack());
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(to(webhook), {{"Idempotency-Key", "one"}}).status == 202);
  REQUIRE(pipe.seen.wait([&] {
    return pipe.seen.count(bus::topics::dispatch) == 1 && pipe.seen.messages().size() == 1 &&
           pipe.seen.audits().size() == 1;
  }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  CHECK(dispatch.channel == events::Channel::SLACK);
  CHECK(dispatch.recipient_hash == pipe.sealer().reference(webhook));
  const auto content = content_of(pipe, dispatch);
  CHECK(content.recipient == webhook);
  CHECK(content.subject == "Hi");
  CHECK(content.text == "Hello");
  const auto event = pipe.seen.messages().at(0);
  CHECK(event.recipient.empty());
  CHECK(event.recipient_masked == "https://hooks.slack.com/…");
  check_no_secret(pipe);
  REQUIRE(pipe.post(to(webhook), {{"Idempotency-Key", "one"}}).status == 202);
  CHECK(pipe.post(to(webhook + "x"), {{"Idempotency-Key", "one"}}).status == 422);
}

TEST_CASE("slack: without a recipient the client's webhook URL is used, and without that one nobody's") {
  Pipe pipe(with_slack());
  auto client = good_client("acme");
  client.contacts->slack_webhook = webhook;
  pipe.publish(client);
  pipe.publish(good_client("other"));
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(manual(R"("client_id":"acme","min_client_version":1,)")).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::dispatch) == 1; }));
  CHECK(content_of(pipe, pipe.seen.dispatches().at(0)).recipient == webhook);
  REQUIRE(pipe.post(manual(R"("client_id":"other","min_client_version":1,)")).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_NO_RECIPIENT) == 1; }));
  check_no_secret(pipe);
}

TEST_CASE("slack: what is no webhook URL is 400, and other templates don't take one or give it away") {
  Pipe pipe(with_slack());
  REQUIRE(pipe.wait_ready());
  for (const std::string& bad : {std::string("http://hooks.slack.com/services/T0/B0/x"), std::string("hooks.slack.com"),
                                 std::string("https://ann@hooks.slack.com/services/T0"), std::string("https://h/")}) {
    const auto answer = pipe.post(to(bad));
    CHECK(answer.status == 400);
    CHECK(answer.body.find("\"field\":\"recipient\"") != std::string::npos);
    CHECK(answer.body.find(bad) == std::string::npos);
  }
  const std::string variables = R"("variables":{"subject":"Hi","body":"x"})";
  REQUIRE(pipe.post(R"({"template_key":"ADMIN_MANUAL","recipient":")" + webhook + "\"," + variables + "}").status ==
          202);
  REQUIRE(pipe.post(R"({"template_key":"NO_SUCH","recipient":")" + webhook + "\"," + variables + "}").status == 202);
  REQUIRE(pipe.post(to("ann@example.com")).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.audits().size() == 3 && pipe.seen.messages().size() == 3; }));
  CHECK(pipe.seen.count(Status::BLOCKED_INVALID_REQUEST) == 2);
  CHECK(pipe.seen.count(Status::BLOCKED_TEMPLATE_NOT_FOUND) == 1);
  check_no_secret(pipe);
}

TEST_CASE("slack: without the provider messages are blocked, and so are those to a suppressed URL") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(to(webhook)).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_PROVIDER_NOT_CONFIGURED) == 1; }));
  CHECK(pipe.request(http::Method::POST, "/api/admin/suppressions", pipe.admin_key,
                     R"({"channel":"SLACK","recipient":")" + webhook + "\"}")
            .status == 201);
  REQUIRE(pipe.post(to(webhook)).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_SUPPRESSED) == 1; }));
  check_no_secret(pipe);
}

TEST_CASE("slack: of a producer on the topic, too, nothing but its own record shows the URL") {
  Pipe pipe(with_slack());
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/shop", "s1", to(webhook))});
  REQUIRE(pipe.seen.wait([&] {
    return pipe.seen.count(bus::topics::dispatch) == 1 && pipe.seen.audits().size() == 1 &&
           pipe.seen.messages().size() == 1;
  }));
  CHECK(content_of(pipe, pipe.seen.dispatches().at(0)).recipient == webhook);
  CHECK(pipe.seen.messages().at(0).recipient.empty());
  CHECK(pipe.seen.of(bus::topics::dispatch).at(0).record.value.find(secret) == std::string::npos);
}
