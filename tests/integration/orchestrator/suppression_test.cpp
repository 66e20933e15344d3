#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using http::Method;

namespace {

constexpr const char* path = "/api/admin/suppressions";

rapidjson::Document parsed(const http::Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::string order(const std::string& channel, const std::string& recipient, const std::string& extra = "") {
  return "{\"channel\":\"" + channel + "\",\"recipient\":\"" + recipient + "\"" + extra + "}";
}

// The status of a new manual mail to this address.
std::string decide(Pipe& pipe, const std::string& address) {
  const auto answer = pipe.post("{\"template_key\":\"ADMIN_MANUAL\",\"recipient\":\"" + address +
                                "\",\"variables\":{\"subject\":\"Hi\",\"body\":\"x\"}}");
  REQUIRE(answer.status == 202);
  const std::string id = parsed(answer)["message_id"].GetString();
  std::string status;
  REQUIRE(pipe.seen.wait([&] {
    for (const auto& event : pipe.seen.messages())
      if (event.message_id == id) status = events::enum_name(event.status);
    return !status.empty();
  }));
  return status;
}

std::vector<events::AuditEvent> audits(Pipe& pipe, const std::string& action, std::size_t count) {
  std::vector<events::AuditEvent> found;
  pipe.seen.wait([&] {
    found.clear();
    for (auto& audit : pipe.seen.audits())
      if (audit.action == action) found.push_back(audit);
    return found.size() >= count;
  });
  return found;
}

bus::Record feedback(const std::string& hash, const std::string& reason) {
  events::Feedback f;
  f.kind = events::FeedbackKind::SUPPRESS;
  f.message_id = "019c1699-7f98-7000-8000-000000000001";
  f.channel = events::Channel::EMAIL;
  f.recipient_hash = hash;
  f.reason = reason;
  return {f.message_id,
          events::binary_headers("carillon.feedback.v1", "carillon/dispatcher", f.message_id, from_unix_micros(0)),
          events::to_json(f)};
}

}  // namespace

TEST_CASE("suppression: an admin suppresses an address, the next message is blocked, lifting it lets them through") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  CHECK(decide(pipe, "ann@example.com") == "QUEUED");
  // In whatever case it is written it is the same mailbox.
  const auto ann = pipe.request(Method::POST, path, pipe.admin_key, order("EMAIL", "Ann@EXAMPLE.com"));
  CHECK(ann.status == 201);
  const auto entry = parsed(ann);
  const std::string hash = pipe.sealer().reference("ann@example.com");
  CHECK(entry["recipient_hash"].GetString() == hash);
  CHECK(entry["reason"].GetString() == std::string("MANUAL"));
  CHECK(entry["source"].GetString() == std::string("api:ops"));
  CHECK(entry["category"].GetString() == std::string());
  CHECK(http::field(ann.headers, "Location") == std::string(path) + "/EMAIL/" + hash);
  CHECK(ann.body.find("ann@") == std::string::npos);
  CHECK(decide(pipe, "ann@example.com") == "BLOCKED_SUPPRESSED");
  CHECK(decide(pipe, "aNN@example.com") == "BLOCKED_SUPPRESSED");
  const auto lifted = pipe.request(Method::DELETE_, std::string(path) + "/EMAIL/ann%40example.com", pipe.admin_key);
  CHECK(lifted.status == 200);
  CHECK(lifted.body == "{\"removed\":1}");
  CHECK(decide(pipe, "ann@example.com") == "QUEUED");
}

TEST_CASE(
    "suppression: adding and lifting again change nothing, each call is audited with its actor, without address") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string body = order("SMS", "+447700900123", ",\"reason\":\"ASKED_BY_PHONE\"");
  const auto first = pipe.request(Method::POST, path, pipe.admin_key, body);
  pipe.clock.advance(std::chrono::hours(1));
  const auto again = pipe.request(Method::POST, path, pipe.admin_key, order("SMS", "+447700900123"));
  CHECK(first.status == 201);
  CHECK(again.status == 200);
  CHECK(again.body == first.body);
  const std::string target = std::string(path) + "/SMS/" + pipe.sealer().reference("+447700900123");
  CHECK(pipe.request(Method::DELETE_, target, pipe.admin_key).body == "{\"removed\":1}");
  CHECK(pipe.request(Method::DELETE_, target, pipe.admin_key).body == "{\"removed\":0}");
  const auto added = audits(pipe, "RECIPIENT_SUPPRESSED", 2);
  const auto lifted = audits(pipe, "RECIPIENT_SUPPRESSION_LIFTED", 2);
  REQUIRE(added.size() == 2);
  REQUIRE(lifted.size() == 2);
  CHECK(added[0].outcome == "SUPPRESSED");
  CHECK(added[0].reason == "ASKED_BY_PHONE");
  CHECK(added[1].outcome == "UNCHANGED");
  CHECK(lifted[0].outcome == "LIFTED");
  CHECK(lifted[1].outcome == "UNCHANGED");
  for (const auto& audit : {added[0], lifted[0]}) {
    CHECK(audit.actor == "api:ops");
    CHECK(audit.subject_kind == "recipient");
    CHECK(audit.subject_id == pipe.sealer().reference("+447700900123"));
    CHECK(audit.details.at("channel") == "SMS");
    CHECK(events::to_json(audit).find("7700900123") == std::string::npos);
  }
}

TEST_CASE("suppression: the list has what feedback brought too, newest first, in pages, by filter") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string bounced = pipe.sealer().reference("bounced@example.com");
  pipe.publish(bus::topics::feedback, {feedback(bounced, "HARD_BOUNCE")});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 1; }));
  for (int i = 0; i < 4; ++i) {
    pipe.clock.advance(std::chrono::seconds(i / 2));  // two share their time
    pipe.request(Method::POST, path, pipe.admin_key, order("EMAIL", "p" + std::to_string(i) + "@example.com"));
  }
  const auto get = [&](const std::string& query) {
    return parsed(pipe.request(Method::GET, path + query, pipe.admin_key));
  };
  std::vector<std::string> hashes;
  std::string cursor;
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = get("?limit=2" + cursor);
    for (const auto& item : page["items"].GetArray()) hashes.push_back(item["recipient_hash"].GetString());
    if (page["next_cursor"].IsNull()) break;
    cursor = std::string("&cursor=") + page["next_cursor"].GetString();
  }
  REQUIRE(hashes.size() == 5);
  CHECK(std::set<std::string>(hashes.begin(), hashes.end()).size() == 5);
  CHECK(hashes.back() == bounced);
  const auto found = get("?channel=EMAIL&recipient=bounced%40example.com&reason=HARD_BOUNCE");
  REQUIRE(found["items"].Size() == 1);
  CHECK(found["items"][0]["source"].GetString() == std::string("feedback"));
  CHECK(found["items"][0]["message_id"].GetString() == std::string("019c1699-7f98-7000-8000-000000000001"));
  CHECK(get("?channel=SMS")["items"].Empty());
  CHECK(get("?recipient=" + bounced)["items"].Size() == 1);
  CHECK(get("?reason=COMPLAINT")["items"].Empty());
}

TEST_CASE("suppression: bad input is a problem that names the field, and only admins may") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto refusal = [&](Method method, const std::string& target, const std::string& body = "") {
    const auto answer = pipe.request(method, target, pipe.admin_key, body);
    CHECK(http::field(answer.headers, "Content-Type") == "application/problem+json");
    return std::to_string(answer.status) + " " +
           (answer.body.find("\"field\":") == std::string::npos ? "?"
                                                                : std::string(parsed(answer)["field"].GetString()));
  };
  const std::string base = path;
  CHECK(refusal(Method::GET, base + "?limit=x") == "400 limit");
  CHECK(refusal(Method::GET, base + "?recipient=x") == "400 recipient");
  CHECK(refusal(Method::GET, base + "?cursor=AAAA") == "400 cursor");
  CHECK(refusal(Method::POST, base, "{") == "400 body");
  CHECK(refusal(Method::POST, base, order("EMAIL", "nobody")) == "400 recipient");
  CHECK(refusal(Method::POST, base, order("FAX", "a@example.com")) == "400 channel");
  CHECK(refusal(Method::DELETE_, base + "/EMAIL/nobody") == "400 recipient");
  CHECK(refusal(Method::DELETE_, base + "/FAX/a@example.com") == "400 channel");
  CHECK(pipe.request(Method::POST, path, pipe.admin_key, "x=1", "application/x-www-form-urlencoded").status == 415);
  CHECK(pipe.request(Method::GET, path, pipe.api_key).status == 403);
  CHECK(pipe.request(Method::POST, path, pipe.api_key, order("EMAIL", "a@example.com")).status == 403);
  CHECK(pipe.request(Method::DELETE_, base + "/EMAIL/a@example.com", pipe.api_key).status == 403);
  CHECK(pipe.request(Method::GET, path, "").status == 401);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 0);
}

TEST_CASE("suppression: a recipient who was suppressed before the key was rotated stays so") {
  const std::string old_key(64, '1'), new_key(64, '2');
  PipeOptions options;
  options.payload_key = new_key + "," + old_key;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  const std::string old_hash = security::Sealer::from_text(old_key)->reference("ann@example.com");
  pipe.publish(bus::topics::feedback, {feedback(old_hash, "HARD_BOUNCE")});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 1; }));
  CHECK(decide(pipe, "ann@example.com") == "BLOCKED_SUPPRESSED");
  CHECK(parsed(pipe.request(Method::GET, std::string(path) + "?recipient=ann@example.com", pipe.admin_key))["items"]
            .Size() == 1);
  CHECK(pipe.request(Method::DELETE_, std::string(path) + "/EMAIL/ann@example.com", pipe.admin_key).body ==
        "{\"removed\":1}");
  CHECK(decide(pipe, "ann@example.com") == "QUEUED");
}
