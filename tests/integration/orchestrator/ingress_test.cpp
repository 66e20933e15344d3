#include <catch2/catch.hpp>
#include <set>

#include "integration/orchestrator/pipe.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

const char* order =
    R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"Words"}})";

std::string first_id(const http::Answer& answer) {
  const std::string mark = "\"message_id\":\"";
  const auto at = answer.body.find(mark);
  return at == std::string::npos ? "" : answer.body.substr(at + mark.size(), 36);
}

bool says(const http::Answer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("ingress: an accepted request becomes a rendered dispatch, a QUEUED event and an audit entry") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto answer = pipe.post(
      order, {{"Idempotency-Key", "k1"}, {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  REQUIRE(answer.status == 202);
  const std::string id = first_id(answer);
  CHECK(http::field(answer.headers, "Location") == "/api/notifications/" + id);
  CHECK(says(answer, "\"message_ids\":[\"" + id + "\"]"));
  CHECK(says(answer, "\"status\":\"ACCEPTED\""));
  REQUIRE(pipe.seen.wait([&] {
    return pipe.seen.count(bus::topics::dispatch) == 1 && !pipe.seen.audits().empty() &&
           pipe.seen.count(Status::QUEUED) == 1;
  }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  CHECK(dispatch.message_id == id);
  CHECK(dispatch.subject == "Hi");
  CHECK(dispatch.text == "Words");
  CHECK(dispatch.html.find("Words") != std::string::npos);
  CHECK(dispatch.recipient == "ann@example.com");
  CHECK(dispatch.source == "api:shop");
  CHECK(pipe.seen.of(bus::topics::dispatch).at(0).record.key == id);
  CHECK(bus::header(pipe.seen.of(bus::topics::dispatch).at(0).record.headers, "traceparent").substr(3, 32) ==
        "0af7651916cd43dd8448eb211c80319c");
  const auto message = pipe.seen.messages().at(0);
  CHECK(message.message_id == id);
  CHECK(message.recipient_masked == "a***@example.com");
  CHECK(message.recipient_hash == pipe.sealer().reference("ann@example.com"));
  const auto audit = pipe.seen.audits().at(0);
  CHECK(audit.action == "MESSAGE_DECIDED");
  CHECK(audit.outcome == "QUEUED");
  CHECK(events::to_json(audit).find("ann@") == std::string::npos);
}

TEST_CASE("ingress: the same key and body give the first answer again and send nothing, another body gives 422") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto first = pipe.post(order, {{"Idempotency-Key", "k1"}});
  const auto again = pipe.post(order, {{"Idempotency-Key", "\"k1\""}});
  REQUIRE(first.status == 202);
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  const auto other = pipe.post(
      R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"Other"}})",
      {{"Idempotency-Key", "k1"}});
  CHECK(other.status == 422);
  CHECK(says(other, "IDEMPOTENCY_KEY_REUSED"));
  const auto last = pipe.post(order, {{"Idempotency-Key", "k2"}});
  CHECK(first_id(last) != first_id(first));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 2);
}

TEST_CASE("ingress: fifty identical requests at once send one message") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  std::mutex mutex;
  std::condition_variable done;
  std::vector<http::Answer> answers;
  for (int i = 0; i < 50; ++i) {
    pipe.client.call(pipe.call(order, {{"Idempotency-Key", "same"}}), [&](http::Answer answer) {
      const std::lock_guard lock(mutex);
      answers.push_back(std::move(answer));
      done.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  REQUIRE(done.wait_for(lock, std::chrono::seconds(30), [&] { return answers.size() == 50; }));
  std::set<std::string> ids;
  for (const auto& answer : answers) {
    CHECK(answer.status == 202);
    ids.insert(first_id(answer));
  }
  CHECK(ids.size() == 1);
  const auto marker = pipe.post(order, {{"Idempotency-Key", "marker"}});
  REQUIRE(marker.status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) >= 2; }));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::send_requests) >= 2; }));
  CHECK(pipe.seen.count(bus::topics::send_requests) == 2);
}

TEST_CASE("ingress: without a key the caller learns 401, with a wrong scope 403") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  CHECK(pipe.post(order, {{"Authorization", "Bearer crl_no_such"}}).status == 401);
  CHECK(pipe.post(order, {{"Authorization", "Basic abc"}}).status == 401);
  const std::string reader = security::create_api_key(pipe.owner, "reader", {"notifications:read"}, pipe.clock.now());
  const auto answer = pipe.post(order, {{"Authorization", "Bearer " + reader}});
  CHECK(answer.status == 403);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 0);
}

TEST_CASE("ingress: syntax errors are 4xx and name the field") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto unknown = pipe.post(R"({"template_key":"T","colour":"red"})");
  CHECK(unknown.status == 400);
  CHECK(says(unknown, "\"field\":\"colour\""));
  const auto malformed = pipe.post("{");
  CHECK(malformed.status == 400);
  CHECK(says(malformed, "MALFORMED_JSON"));
  CHECK(pipe.post(order, {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(pipe.post("{\"template_key\":\"T\",\"variables\":{\"a\":\"" + std::string(1100 * 1024, 'x') + "\"}}").status ==
        413);
  const auto nul = pipe.post("{\"template_key\":\"T\",\"variables\":{\"a\":\"\\u0000\"}}");
  CHECK(nul.status == 400);
}

TEST_CASE("ingress: what gating refuses is 202 with its status in the message log") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  CHECK(pipe.post(R"({"template_key":"NO_SUCH_TEMPLATE"})").status == 202);
  CHECK(
      pipe.post(
              R"({"template_key":"WELCOME_EMAIL","client_id":"nobody","variables":{"set_password_url":"https://x.example.com"}})")
          .status == 202);
  CHECK(pipe.post(R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi"}})")
            .status == 202);
  CHECK(pipe.post(R"({"template_key":"OPS_ALERT_SMS","variables":{"message":"x"}})").status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.messages().size() == 4 && pipe.seen.audits().size() == 4; }));
  CHECK(pipe.seen.count(Status::BLOCKED_TEMPLATE_NOT_FOUND) == 1);
  CHECK(pipe.seen.count(Status::BLOCKED_CLIENT_NOT_FOUND) == 1);
  CHECK(pipe.seen.count(Status::BLOCKED_INVALID_REQUEST) == 1);
  CHECK(pipe.seen.count(Status::BLOCKED_TEMPLATE_INACTIVE) == 1);
  CHECK(pipe.seen.count(bus::topics::dispatch) == 0);
}

TEST_CASE("ingress: an ADMIN request answers with one id per address and sends to each") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto answer =
      pipe.post(R"({"template_key":"COMPLIANCE_SLA_ALERT","recipient":"client@example.com","variables":{"item":"x"}})");
  REQUIRE(answer.status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::dispatch) == 2; }));
  std::set<std::string> recipients;
  for (const auto& dispatch : pipe.seen.dispatches()) {
    recipients.insert(dispatch.recipient);
    CHECK(says(answer, dispatch.message_id));
  }
  CHECK(recipients == std::set<std::string>{"ann@example.com", "bob@example.com"});
}

TEST_CASE("ingress: a sensitive request rests sealed in every topic and table") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto answer =
      pipe.post(R"({"template_key":"OTP_CODE_SMS","recipient":"+447700900123","variables":{"code":"314159"}})");
  REQUIRE(answer.status == 202);
  REQUIRE(pipe.seen.wait([&] {
    return pipe.seen.count(bus::topics::dispatch) == 1 && pipe.seen.messages().size() == 1 &&
           pipe.seen.audits().size() == 1;
  }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  CHECK(dispatch.priority == events::Priority::CRITICAL);
  CHECK(dispatch.recipient.empty());
  CHECK(dispatch.text.empty());
  const auto plain = pipe.sealer().open(dispatch.sealed, dispatch.message_id);
  REQUIRE(plain);
  const auto content = events::from_json<events::SealedContent>(*plain);
  REQUIRE(content);
  CHECK(content->recipient == "+447700900123");
  CHECK(content->text.find("314159") != std::string::npos);
  CHECK(pipe.seen.messages().at(0).recipient.empty());
  for (const auto& topic : {bus::topics::dispatch, bus::topics::message_log, bus::topics::audit}) {
    for (const auto& record : pipe.seen.of(topic)) {
      CHECK(record.record.value.find("314159") == std::string::npos);
      CHECK(record.record.value.find("7700900123") == std::string::npos);
    }
  }
  // Bytes of the records as they lie in the tables.
  for (const char* table : {"send_requests", "dispatch", "message_log", "audit"}) {
    INFO(table);
    CHECK(pipe.number(std::string("SELECT count(*) FROM bus.") + table +
                      " WHERE position('314159'::bytea in records) > 0") == 0);
  }
  // Idempotent all the same: sealing is different each time, the digest is of the content.
  const auto again = pipe.post(
      R"({"template_key":"OTP_CODE_SMS","recipient":"+447700900123","variables":{"code":"314159"},"idempotency_key":"o"})");
  const auto same = pipe.post(
      R"({"template_key":"OTP_CODE_SMS","recipient":"+447700900123","variables":{"code":"314159"},"idempotency_key":"o"})");
  CHECK(again.status == 202);
  CHECK(same.body == again.body);
}

TEST_CASE("ingress: a full queue answers 503 with Retry-After") {
  PipeOptions options;
  options.settings.ingress_queue_max = 1;
  options.settings.ingress_batch_max = 1;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(order).status == 202);  // the key is cached now
  pg::Connection blocker(pipe.owner.settings());
  pg::Transaction lock(blocker);
  lock.run("LOCK TABLE orchestrator.idempotency_keys IN ACCESS EXCLUSIVE MODE");
  std::mutex mutex;
  std::condition_variable done;
  int refused = 0, stored = 0;
  for (int i = 0; i < 10; ++i) {
    pipe.client.call(pipe.call(order), [&](http::Answer answer) {
      const std::lock_guard guard(mutex);
      if (answer.status == 503 && !http::field(answer.headers, "Retry-After").empty()) ++refused;
      if (answer.status == 202) ++stored;
      done.notify_one();
    });
  }
  std::unique_lock guard(mutex);
  REQUIRE(done.wait_for(guard, std::chrono::seconds(20), [&] { return refused >= 8; }));
  guard.unlock();
  lock.commit();
  guard.lock();
  CHECK(done.wait_for(guard, std::chrono::seconds(20), [&] { return refused + stored == 10; }));
  CHECK(stored >= 1);
}

TEST_CASE("ingress: readiness says what is missing until a provider is known") {
  PipeOptions options;
  options.provider_known = false;
  Pipe pipe(options);
  std::string missing;
  REQUIRE(pipe.seen.wait([&] {
    missing.clear();
    for (const auto& check : pipe.service().ready_checks()) {
      if (const auto what = check.missing()) missing += check.name + " ";
    }
    return missing == "providers ";
  }));
  REQUIRE(pipe.post(order).status == 202);  // accepted and kept
  pipe.publish_provider(events::Channel::EMAIL, true, true);
  CHECK(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
}
