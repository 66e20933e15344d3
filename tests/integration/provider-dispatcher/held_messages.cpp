#include <rapidjson/document.h>

#include "provider-dispatcher/app/receipt_watch.hpp"
#include "receipt_calls.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using http::Method;

namespace {

struct Scene {
  Scene() : world(clock), instance(world.start({postmark}, {}, postmark_settings())), key(world.admin_key()) {}

  std::string held(const events::Dispatch& dispatch) {
    postmark->always(failed(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER));
    world.publish({dispatch});
    REQUIRE(world.until_status(dispatch.message_id, Status::UNCONFIRMED));
    return dispatch.message_id;
  }
  http::Response decide(const std::string& id, const std::string& body, const std::string& with_key) {
    return instance.call(Method::POST, "/api/admin/messages/" + id + "/resolve",
                         {{"Authorization", "Bearer " + with_key}}, body);
  }
  int decide(const std::string& id, const std::string& body) { return decide(id, body, key).status; }
  rapidjson::Document list(const std::string& query = {}) {
    const auto answer =
        instance.call(Method::GET, "/api/admin/messages/held" + query, {{"Authorization", "Bearer " + key}});
    REQUIRE(answer.status == 200);
    rapidjson::Document json;
    json.Parse(answer.body.c_str());
    REQUIRE_FALSE(json.HasParseError());
    return json;
  }

  SystemClock clock;
  ScriptPtr postmark = std::make_shared<Script>("postmark");
  World world;
  Instance& instance;
  const std::string key;
};

}  // namespace

TEST_CASE_METHOD(Scene, "held messages: an admin says SENT: the message is, with who said so") {
  const std::string id = held(world.dispatch());
  CHECK(decide(id, R"({"as":"SENT","note":"seen in Postmark's activity for ann@example.com"})") == 200);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::SENT});
  const auto sent = world.log(id).back();
  CHECK(sent.reason == "ADMIN_DECISION");
  CHECK(sent.template_key == "PAYMENT_FAILED");
  CHECK(sent.detail == "seen in Postmark's activity for ***");
  CHECK(world.pending() == 0);
  const auto audits = world.audits("MESSAGE_RESOLVED");
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].actor == "api:ops");
  CHECK(audits[0].outcome == "SENT");
  CHECK(audits[0].client_id == "acme");
  CHECK(audits[0].details.at("note").find("ann@") == std::string::npos);
  CHECK(decide(id, R"({"as":"SENT"})") == 404);
}

TEST_CASE_METHOD(Scene, "held messages: an admin says FAILED: it is, and gives its rate window back") {
  auto dispatch = world.dispatch();
  dispatch.rate_window_taken = true;
  const std::string id = held(dispatch);
  CHECK(decide(id, R"({"as":"FAILED"})") == 200);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::FAILED});
  const auto feedback = world.feedback();
  REQUIRE(feedback.size() == 1);
  CHECK(feedback[0].kind == events::FeedbackKind::FINAL_FAILURE);
}

TEST_CASE_METHOD(Scene, "held messages: an admin says RESEND: it is called again at once, and the call is marked") {
  const std::string id = held(world.dispatch());
  postmark->always(accepted("second"));
  CHECK(decide(id, R"({"as":"RESEND"})") == 200);
  REQUIRE(world.until_status(id, Status::SENT));
  const auto sent = world.log(id).back();
  CHECK(sent.extra_call);
  CHECK(sent.attempt == 2);
  CHECK(sent.provider_message_id == "second");
  CHECK(world.audits("MESSAGE_RESOLVED").at(0).outcome == "RESEND");
}

TEST_CASE_METHOD(Scene, "held messages: one that has expired can't be sent again, but be decided about") {
  auto dispatch = world.dispatch();
  dispatch.expires_at = clock.now() + std::chrono::seconds{2};
  const std::string id = held(dispatch);
  REQUIRE(world.until([&] { return clock.now() > *dispatch.expires_at; }));
  const auto answer = decide(id, R"({"as":"RESEND"})", key);
  CHECK(answer.status == 409);
  CHECK(answer.body.find("MESSAGE_EXPIRED") != std::string::npos);
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
  CHECK(world.audits("MESSAGE_RESOLVED").empty());
  CHECK(decide(id, R"({"as":"FAILED"})") == 200);
  CHECK(world.statuses(id) == std::vector{Status::UNCONFIRMED, Status::FAILED});
  CHECK(postmark->count() == 1);
}

TEST_CASE_METHOD(Scene, "held messages: who is not an admin decides nothing, nor does a bad body") {
  const std::string id = held(world.dispatch());
  const auto reader = security::create_api_key(world.owner(), "shop", {"notifications:read"}, clock.now());
  CHECK(decide(id, R"({"as":"SENT"})", reader).status == 403);
  CHECK(decide(id, R"({"as":"SENT"})", "nobody").status == 401);
  for (const char* body : {"", "[]", "{}", R"({"as":"sent"})", R"({"as":1})", R"({"as":"SENT","why":"x"})",
                           R"({"as":"SENT","note":"two\nlines"})"}) {
    CHECK(decide(id, body) == 400);
  }
  CHECK(world.number("SELECT count(*) FROM dispatcher.pending WHERE state = 2") == 1);
}

TEST_CASE_METHOD(Scene, "held messages: one that is on its way can't be decided about, one that is unknown neither") {
  postmark->answers([](const OutboundMessage&) { return std::nullopt; });
  const auto dispatch = world.dispatch();
  world.publish({dispatch});
  REQUIRE(postmark->wait_for_calls(1));
  const auto answer = decide(dispatch.message_id, R"({"as":"SENT"})", key);
  CHECK(answer.status == 409);
  CHECK(answer.body.find("MESSAGE_NOT_HELD") != std::string::npos);
  CHECK(decide(new_uuid(clock.now()), R"({"as":"SENT"})") == 404);
  CHECK(decide("no-uuid", R"({"as":"SENT"})") == 404);
  postmark->answer(0, accepted());
  REQUIRE(world.until_status(dispatch.message_id, Status::SENT));
}

TEST_CASE_METHOD(Scene, "held messages: of ten admins who decide at once one is heard") {
  const std::string id = held(world.dispatch());
  int done = 0;
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 10; ++i) {
    answers.push_back(std::async(std::launch::async, [&, i] {
      pg::Pool pool(world.as_dispatcher(), 1);
      Roster roster({}, {});
      SpendBook spend(roster, {});
      ProviderBoard board(0, spend);
      ResolveMessage messages({roster, board, pool, world.bus(), clock, [](ProviderIndex) {}});
      return messages.resolve({id, i % 2 == 0 ? ResolveAs::SENT : ResolveAs::FAILED, "", "api:ops"}) == Resolved::DONE
                 ? 1
                 : 0;
    }));
  }
  for (auto& answer : answers) done += answer.get();
  CHECK(done == 1);
  CHECK(world.log(id).size() == 2);
}

TEST_CASE_METHOD(Scene, "held messages: they are listed, the oldest first, with masked recipients") {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(held(world.dispatch()));
  auto sealed = world.dispatch();
  sealed.sealed =
      world.sealer.seal(events::to_json(events::SealedContent{sealed.recipient, {}, "S", "T", ""}), sealed.message_id);
  sealed.recipient.clear();
  ids.push_back(held(sealed));
  const auto all = list();
  CHECK(all["total"].GetInt() == 4);
  REQUIRE(all["items"].Size() == 4);
  for (rapidjson::SizeType i = 0; i < 4; ++i) {
    CHECK(all["items"][i]["message_id"].GetString() == ids[i]);
    CHECK(std::string(all["items"][i]["recipient"].GetString()) == "a***@example.com");
  }
  CHECK(std::string(all["items"][0]["provider"].GetString()) == "postmark");
  CHECK(all["items"][0]["attempts"].GetInt() == 1);
  CHECK(list("?limit=2")["items"].Size() == 2);
  for (const char* query : {"?limit=0", "?limit=501", "?limit=x", "?color=red"}) {
    CHECK(instance
              .call(Method::GET, std::string("/api/admin/messages/held") + query, {{"Authorization", "Bearer " + key}})
              .status == 400);
  }
}

TEST_CASE("held messages: after 15 minutes an administrator is asked once, about all of them together") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto hold = [&](UtcTime since) {
    world.owner().run("INSERT INTO dispatcher.pending VALUES ('" + new_uuid(clock.now()) + "', '" + to_rfc3339(since) +
                      "', NULL, NULL, now(), NULL, NULL, 1, 1, 2, 2, false, 'EMAIL', 'postmark', '{}', '', '{}')");
  };
  ReceiptFigures figures({});
  UnmatchedRoom room;
  metrics::Registry metrics;
  ReceiptRefusals refusals(metrics, clock);
  ReceiptWatch watch({world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics});
  ReceiptWatch other({world.bus(), clock, world.as_dispatcher(), figures, room, refusals, metrics});
  const auto after = [&](std::chrono::minutes time) {
    clock.advance(time);
    watch.look();
    other.look();
    return world.send_requests().size();
  };
  hold(clock.now());
  hold(clock.now());
  CHECK(after(std::chrono::minutes{14}) == 0);
  CHECK(after(std::chrono::minutes{2}) == 1);
  const auto request = world.send_requests().at(0);
  CHECK(request.template_key == "MESSAGES_HELD_ADMIN");
  CHECK(request.variables.text.find("\"count\":2") != std::string::npos);
  CHECK(after(std::chrono::minutes{60}) == 1);  // nobody is asked twice about the same message
  hold(clock.now() - std::chrono::minutes{16});
  CHECK(after(std::chrono::minutes{1}) == 2);
  hold(clock.now() - std::chrono::minutes{14});
  CHECK(after(std::chrono::minutes{1}) == 2);  // not so soon after the last time
  CHECK(after(std::chrono::minutes{15}) == 3);
}
