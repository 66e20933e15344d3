#include <catch2/catch.hpp>

#include "integration/orchestrator/template_calls.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace carillon::orchestrator::testing;
using security::Role;

TEST_CASE("templates: a test goes through the pipe, with a version that is not active and past a client's gates") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  SignedIn ann(pipe, Role::ADMIN);
  REQUIRE(
      ann.json(templates_base + "MONTHLY_DIGEST/versions",
               R"({"based_on":1,"bodies":[{"locale":"en","subject":"New {{month}}","text":"t {{unsubscribe_url}}"}]})")
          .status == 201);
  const auto sent =
      ann.json(templates_base + "MONTHLY_DIGEST/test-send", R"({"recipient":"ann@example.com","version":2})");
  REQUIRE(sent.status == 202);
  const auto mail = next_dispatch(pipe, 0);
  CHECK(mail.recipient == "ann@example.com");
  CHECK(mail.template_version == 2);
  CHECK(mail.subject == "New January 2027");
  CHECK(mail.priority == events::Priority::NORMAL);
  REQUIRE(pipe.seen.wait([&] { return !pipe.seen.messages().empty(); }));
  CHECK(pipe.seen.messages().front().metadata.at("test_send") == "true");
  CHECK(holds(sent, pipe.seen.messages().front().message_id));
  // Staff's templates reach the staff alone, one that is off too.
  CHECK(ann.json(templates_base + "OPS_ALERT_SMS/test-send", R"({"recipient":"+447700900123"})").status == 400);
  REQUIRE(ann.json(templates_base + "OPS_ALERT_SMS/test-send", R"({"recipient":"+447700900999"})").status == 202);
  CHECK(next_dispatch(pipe, 1).recipient == "+447700900999");
  CHECK(ann.json(templates_base + "MONTHLY_DIGEST/test-send", "{}").status == 400);
  CHECK(ann.json(templates_base + "MONTHLY_DIGEST/test-send", R"({"recipient":"x@example.com","version":7})").status ==
        404);
  CHECK(audits_of(pipe, "TEMPLATE_TEST_SENT", 2)[0].details.at("version") == "2");
}

TEST_CASE("templates: senders can't pass their messages off as tests") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string body =
      R"({"template_key":"OPS_ALERT_SMS","variables":{"message":"x"},"metadata":{"test_send":"true"}})";
  const auto refused = pipe.post(body);
  CHECK(refused.status == 400);
  CHECK(holds(refused, "metadata.test_send"));
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/shop", "e1", body)});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::send_requests_dlq) == 1; }));
  CHECK(pipe.seen.messages().empty());
}

TEST_CASE("templates: tests take no rate window, so the real message still goes out") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const std::string path = templates_base + "COMPLIANCE_EXPIRY_REMINDER/test-send",
                    to = R"({"recipient":"ann@example.com"})";
  REQUIRE(pipe.request(http::Method::POST, path, pipe.admin_key, to).status == 202);
  REQUIRE(pipe.request(http::Method::POST, path, pipe.admin_key, to).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(events::Status::QUEUED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 0);
  CHECK_FALSE(next_dispatch(pipe, 0).rate_window_taken);
}

TEST_CASE("templates: a message by hand goes to a client's contact, once for each idempotency key") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  REQUIRE(
      pipe.post(
              R"({"template_key":"ADMIN_MANUAL","client_id":"c1","min_client_version":1,"variables":{"subject":"s","body":"b"}})")
          .status == 202);
  next_dispatch(pipe, 0);  // so the client is known
  SignedIn ann(pipe, Role::ADMIN);
  const std::string body =
      R"({"template_key":"ADMIN_MANUAL","client_id":"c1","variables":{"subject":"Hello","body":"<script>x</script>"},"reason":"asked by phone"})";
  const auto sent = ann.json("/api/admin/messages", body);
  REQUIRE(sent.status == 202);
  const auto mail = next_dispatch(pipe, 1);
  CHECK(mail.recipient == "c1@example.com");
  CHECK(mail.source == "account:" + ann.account_id);
  CHECK(mail.text == "<script>x</script>");
  CHECK(mail.html.find("&lt;script&gt;x&lt;/script&gt;") != std::string::npos);
  const auto audit = audits_of(pipe, "ADMIN_MESSAGE_SENT", 1).front();
  CHECK(audit.subject_id == mail.message_id);
  CHECK(audit.client_id == "c1");
  CHECK(events::to_json(audit).find("phone") == std::string::npos);
  const auto with_key = [&](const std::string& sent_body, const std::string& key = "k1") {
    http::Call call;
    call.url = pipe.url() + "/api/admin/messages";
    call.headers = {
        {"Idempotency-Key", key}, {"Authorization", "Bearer " + pipe.admin_key}, {"Content-Type", "application/json"}};
    call.body = sent_body;
    return pipe.client.call_and_wait(call);
  };
  const auto first = with_key(body), second = with_key(body);
  CHECK(first.status == 202);
  CHECK(first.body == second.body);
  CHECK(with_key(body, "\"k1\"").body == first.body);  // quoted it is the same key
  CHECK(with_key(body, "\"k1").status == 400);
  CHECK(with_key(R"({"template_key":"ADMIN_MANUAL","client_id":"c1","variables":{"subject":"x","body":"y"}})").status ==
        422);
  next_dispatch(pipe, 2);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 3);
}

TEST_CASE("templates: a message by hand that can't go out is refused at once and says why") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto code = [&](const std::string& path, const std::string& body) {
    const auto answer = pipe.request(http::Method::POST, path, pipe.admin_key, body);
    const auto at = answer.body.find("\"code\":\"");
    return at == std::string::npos ? std::to_string(answer.status)
                                   : answer.body.substr(at + 8, answer.body.find('"', at + 8) - at - 8);
  };
  const std::string messages = "/api/admin/messages";
  CHECK(code(messages, R"({"template_key":"NO_SUCH","recipient":"a@example.com"})") == "TEMPLATE_NOT_FOUND");
  CHECK(code(messages, R"({"template_key":"OPS_ALERT_SMS","variables":{"message":"x"}})") ==
        "TEMPLATE_NOT_FOR_CLIENTS");
  CHECK(code(messages, R"({"template_key":"ADMIN_MANUAL","recipient":"a@example.com","variables":{"body":"b"}})") ==
        "VARIABLES_MISSING");
  CHECK(code(messages, R"({"template_key":"ADMIN_MANUAL","variables":{"subject":"s","body":"b"}})") == "INVALID_FIELD");
  CHECK(code(messages,
             R"({"template_key":"ADMIN_MANUAL","recipient":"nobody","variables":{"subject":"s","body":"b"}})") ==
        "INVALID_FIELD");
  CHECK(
      code(
          messages,
          R"({"template_key":"ADMIN_MANUAL","recipient":"a@example.com","variables":{"subject":"s\r\nBcc: x","body":"b"}})") ==
      "RENDERED_INVALID");
  CHECK(code(messages, R"({"template_key":"MONTHLY_DIGEST","recipient":"a@example.com"})") == "INVALID_FIELD");
  CHECK(code("/api/admin/sms/test-send", R"({"recipient":"a@example.com","body":"Hi"})") == "INVALID_FIELD");
  CHECK(code("/api/admin/sms/test-send", R"({"recipient":"+447700900123"})") == "VARIABLES_MISSING");
  CHECK(code("/api/admin/sms/test-send", R"({"recipient":"+447700900123","body":"Hi"})") == "202");
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  CHECK(pipe.seen.dispatches().front().text == "Hi");
}
