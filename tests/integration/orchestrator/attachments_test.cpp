#include <catch2/catch.hpp>
#include <future>

#include "attachments/attachments.hpp"
#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "security/digest.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using http::Method;

namespace {

const std::string pdf = std::string("%PDF-1.7\n\0\xff", 11);

std::string member(const http::Answer& answer, const std::string& name) {
  const std::string mark = "\"" + name + "\":\"";
  const auto at = answer.body.find(mark);
  return at == std::string::npos
             ? ""
             : answer.body.substr(at + mark.size(), answer.body.find('"', at + mark.size()) - at - mark.size());
}

http::Answer upload(Pipe& pipe, const std::string& content, const std::string& key, const std::string& name = "a.pdf",
                    const std::string& type = "application/pdf") {
  return pipe.request(Method::POST, "/api/attachments?file_name=" + name, key, content, type);
}

std::string stored(Pipe& pipe, const std::string& content = pdf) {
  const auto answer = upload(pipe, content, pipe.api_key);
  REQUIRE(answer.status == 201);
  return member(answer, "attachment_id");
}

std::string with_files(const std::vector<std::string>& ids, const std::string& key = "ADMIN_MANUAL") {
  std::string names;
  for (const auto& id : ids) names += (names.empty() ? "\"" : ",\"") + id + "\"";
  const std::string recipient = key.ends_with("_SMS") ? "+447700900123" : "ann@example.com";
  return "{\"template_key\":\"" + key + "\",\"recipient\":\"" + recipient +
         "\",\"variables\":{\"subject\":\"Hi\",\"body\":\"x\",\"code\":\"1\"},\"attachments\":[" + names + "]}";
}

const std::string unknown_id = "019c1699-7f98-7000-8000-0000000000ff";

}  // namespace

TEST_CASE("attachments: a stored file goes along with a mail by reference") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto answer = upload(pipe, pdf, pipe.api_key, "Rechnung%20M%C3%A4rz.pdf", "Application/PDF; name=x");
  REQUIRE(answer.status == 201);
  const std::string id = member(answer, "attachment_id");
  CHECK(member(answer, "sha256") == security::hex(security::sha256(pdf)));
  CHECK(answer.body.find("\"bytes\":11,") != std::string::npos);
  CHECK(pipe.number("SELECT count(*) FROM attachments.files WHERE content = decode('" + security::hex(pdf) +
                    "', 'hex') AND owner = 'api:shop'") == 1);
  REQUIRE(pipe.post(with_files({id})).status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  REQUIRE(dispatch.attachments.size() == 1);
  CHECK(dispatch.attachments[0].attachment_id == id);
  CHECK(dispatch.attachments[0].file_name == "Rechnung März.pdf");
  CHECK(dispatch.attachments[0].content_type == "application/pdf");
  CHECK(dispatch.attachments[0].bytes == 11);
  CHECK(dispatch.attachments[0].sha256 == security::hex(security::sha256(pdf)));
}

TEST_CASE("attachments: an upload of 7 MiB is taken, more is 413, nothing is 400, and who may not send may not store") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string large(attachments::attachment_bytes_max, '\x80');
  CHECK(upload(pipe, large, pipe.api_key).status == 201);
  CHECK(upload(pipe, large + "x", pipe.api_key).status == 413);
  CHECK(upload(pipe, "", pipe.api_key).status == 400);
  CHECK(upload(pipe, pdf, pipe.api_key, "..%2Fetc%2Fpasswd").status == 400);
  CHECK(upload(pipe, pdf, pipe.api_key, "a.pdf", "multipart/form-data; boundary=x").status == 415);
  CHECK(upload(pipe, pdf, pipe.api_key, "a.pdf", "").status == 415);
  CHECK(pipe.request(Method::POST, "/api/attachments", pipe.api_key, pdf, "application/pdf").status == 400);
  CHECK(upload(pipe, pdf, "").status == 401);
  const std::string reader = security::create_api_key(pipe.owner, "reader", {"notifications:read"}, pipe.clock.now());
  CHECK(upload(pipe, pdf, reader).status == 403);
  CHECK(pipe.number("SELECT count(*) FROM attachments.files") == 1);
}

TEST_CASE("attachments: an unknown id is 422 and named; nothing is stored, so the same key works with the right one") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = stored(pipe);
  const auto refused = pipe.post(with_files({id, unknown_id}), {{"Idempotency-Key", "k1"}});
  CHECK(refused.status == 422);
  CHECK(refused.body.find("ATTACHMENT_UNKNOWN") != std::string::npos);
  CHECK(refused.body.find(unknown_id) != std::string::npos);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 0);
  const std::string good = with_files({id});
  const auto first = pipe.post(good, {{"Idempotency-Key", "k1"}});
  CHECK(first.status == 202);
  CHECK(pipe.post(good, {{"Idempotency-Key", "k1"}}).body == first.body);
  CHECK(pipe.post(with_files({stored(pipe)}), {{"Idempotency-Key", "k1"}}).status == 422);
  const std::string other = security::create_api_key(pipe.owner, "other", {"notifications:send"}, pipe.clock.now());
  CHECK(pipe.post(good, {{"Authorization", "Bearer " + other}}).status == 422);
}

TEST_CASE("attachments: what can't carry files is refused at once, and so is too much together") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = stored(pipe);
  for (const char* key : {"ADMIN_MANUAL_SMS", "OTP_CODE_EMAIL"}) {
    const auto answer = pipe.post(with_files({id}, key));
    CHECK(answer.status == 422);
    CHECK(answer.body.find("ATTACHMENTS_NOT_ALLOWED") != std::string::npos);
  }
  const std::string large = stored(pipe, std::string(attachments::attachment_bytes_max, 'x'));
  CHECK(pipe.post(with_files({large})).status == 202);
  const auto both = pipe.post(with_files({large, id}));
  CHECK(both.status == 422);
  CHECK(both.body.find("ATTACHMENTS_TOO_LARGE") != std::string::npos);
  CHECK(pipe.post(with_files({"not-an-id"})).status == 400);
}

TEST_CASE("attachments: a producer on the topic gets BLOCKED_INVALID_REQUEST with the id, known files go along") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = stored(pipe);
  pipe.publish(bus::topics::send_requests, {Pipe::binary("billing", "e1", with_files({unknown_id})),
                                            Pipe::binary("billing", "e2", with_files({id})),
                                            Pipe::binary("billing", "e3", with_files({id}, "ADMIN_MANUAL_SMS"))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.messages().size() == 3; }));
  std::map<std::string, std::string> reasons;
  for (const auto& event : pipe.seen.messages())
    reasons[event.reason] = std::string(events::enum_name(event.status)) + " " + event.detail;
  CHECK(reasons.at("ATTACHMENT_UNKNOWN") ==
        "BLOCKED_INVALID_REQUEST attachments: " + unknown_id + " is not known, or no longer");
  CHECK(reasons.at("ATTACHMENTS_NOT_ALLOWED").starts_with("BLOCKED_INVALID_REQUEST"));
  CHECK(reasons.at("").starts_with("QUEUED"));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  CHECK(pipe.seen.dispatches().at(0).attachments.at(0).attachment_id == id);
}

TEST_CASE("attachments: each message that names a file keeps it for the time of retention; afterwards it is unknown") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = stored(pipe);
  const auto seconds_left = [&] {
    return pipe.number("SELECT extract(epoch FROM keep_until)::bigint FROM attachments.files") -
           unix_micros(pipe.clock.now()) / 1'000'000;
  };
  const auto send = [&](std::size_t count) {
    const int status = pipe.post(with_files({id})).status;
    if (status == 202) REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == count; }));
    return status;
  };
  constexpr std::int64_t week = 7 * 24 * 3'600;
  CHECK(seconds_left() == week);
  pipe.clock.advance(std::chrono::minutes(30));
  CHECK(send(1) == 202);
  CHECK(seconds_left() == week - 30 * 60);  // long enough: not written again
  pipe.clock.advance(std::chrono::hours(6 * 24));
  CHECK(send(2) == 202);
  CHECK(seconds_left() == week);
  pipe.clock.advance(std::chrono::hours(7 * 24));
  CHECK(send(3) == 422);
}

TEST_CASE("attachments: an accepted request that is repeated gets its message id though its file is gone") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string body = with_files({stored(pipe)});
  const auto first = pipe.post(body, {{"Idempotency-Key", "k1"}});
  REQUIRE(first.status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 1; }));
  pipe.owner.run("DELETE FROM attachments.files");
  const auto again = pipe.post(body, {{"Idempotency-Key", "k1"}});
  CHECK(again.status == 202);
  CHECK(again.body == first.body);
  CHECK(pipe.post(body, {{"Idempotency-Key", "k2"}}).status == 422);
}

TEST_CASE(
    "attachments: an owner of keys stores only so much at once, small files count as 16 KiB, others have their own") {
  PipeOptions options;
  options.settings.attachment_bytes_per_owner = 5 * 16 * 1024;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  const std::string three(3 * 16 * 1024, 'x');
  REQUIRE(upload(pipe, three, pipe.api_key).status == 201);
  REQUIRE(upload(pipe, pdf, pipe.api_key).status == 201);
  const auto refused = upload(pipe, three, pipe.api_key);
  CHECK(refused.status == 429);
  CHECK(refused.body.find("ATTACHMENT_QUOTA_REACHED") != std::string::npos);
  CHECK(refused.body.find("\"stored_bytes\":65536,\"quota_bytes\":81920") != std::string::npos);
  CHECK(upload(pipe, pdf, pipe.api_key).status == 201);
  CHECK(upload(pipe, pdf, pipe.api_key).status == 429);
  const std::string other = security::create_api_key(pipe.owner, "other", {"notifications:send"}, pipe.clock.now());
  CHECK(upload(pipe, three, other).status == 201);
  pipe.clock.advance(std::chrono::hours(24 * 7 + 1));
  CHECK(upload(pipe, three, pipe.api_key).status == 201);  // the others' time is over
}

TEST_CASE("attachments: two uploads at once don't pass the limit together") {
  PipeOptions options;
  options.settings.attachment_bytes_per_owner = 16 * 1024;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  REQUIRE(upload(pipe, "", pipe.api_key).status == 400);  // the key is known from here on
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 8; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return upload(pipe, pdf, pipe.api_key).status; }));
  std::map<int, int> statuses;
  for (auto& answer : answers) ++statuses[answer.get()];
  CHECK(statuses == std::map<int, int>{{201, 1}, {429, 7}});
}

TEST_CASE("attachments: a request that came sealed carries none, for files rest in clear") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  events::SealedContent content;
  content.recipient = "ann@example.com";
  content.variables.text = R"({"subject":"Hi","body":"x"})";
  events::SendRequest request;
  request.message_id = unknown_id;
  request.template_key = "ADMIN_MANUAL";
  request.attachments = {stored(pipe)};
  request.sealed = pipe.sealer().seal(events::to_json(content), request.message_id);
  pipe.publish(bus::topics::send_requests, {Pipe::binary("billing", "e1", events::to_json(request))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.messages().size() == 1; }));
  CHECK(pipe.seen.messages().at(0).reason == "ATTACHMENTS_NOT_ALLOWED");
}
