#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "running_sandbox.hpp"

namespace {

using namespace carillon;
using http::Answer;
using http::Method;
using sandbox::RunningSandbox;

TEST_CASE("sandbox: a Postmark call is taken, answered as Postmark does and shown") {
  RunningSandbox sandbox;
  const Answer answer = sandbox.send_postmark();
  CHECK(answer.status == 200);
  rapidjson::Document body;
  body.Parse(answer.body.c_str());
  REQUIRE(body.IsObject());
  CHECK(body["ErrorCode"].GetInt() == 0);
  CHECK(body["MessageID"].GetStringLength() == 36);
  CHECK(sandbox.get("/messages?to=ann@example.com").find("\"subject\":\"<b>Hi</b>\"") != std::string::npos);
  CHECK(sandbox.get("/messages?to=bob@example.com") == "[]");
  CHECK(sandbox.get("/stats").find(R"("postmark":{"calls":1,"accepted":1,"refused":0,)") != std::string::npos);
  CHECK(sandbox.get("/calls").find(R"(,true,"accepted"])") != std::string::npos);
}

TEST_CASE("sandbox: Postmark calls with mistakes are refused as Postmark does") {
  RunningSandbox sandbox;
  CHECK(sandbox.call(Method::POST, "/email", "{}").status == 401);
  const Answer broken = sandbox.call(Method::POST, "/email", "{", {{"X-Postmark-Server-Token", "t"}});
  CHECK(broken.status == 422);
  CHECK(broken.body.find("\"ErrorCode\":402") != std::string::npos);
  CHECK(sandbox.call(Method::POST, "/email", R"({"From":"a@x.de","TextBody":"x"})", {{"X-Postmark-Server-Token", "t"}})
            .body.find("\"ErrorCode\":300") != std::string::npos);
  CHECK(sandbox.get("/messages") == "[]");
}

TEST_CASE("sandbox: Twilio calls need the account's basic auth and valid numbers") {
  RunningSandbox sandbox;
  const std::string path = "/2010-04-01/Accounts/AC1/Messages.json",
                    body = "To=%2B447700900123&From=%2B15005550006&Body=hi";
  CHECK(sandbox.call(Method::POST, path, body).status == 401);
  const http::Fields auth{{"Authorization", "Basic QUMxOnRvaw=="}};
  CHECK(sandbox.call(Method::POST, path, body, auth).status == 201);
  CHECK(sandbox.call(Method::POST, "/2010-04-01/Accounts/AC2/Messages.json", body, auth).status == 401);
  CHECK(sandbox.call(Method::POST, path, "To=1&From=2&Body=hi", auth).body.find("21211") != std::string::npos);
  CHECK(sandbox.call(Method::POST, path, "To=%2B447700900123&Body=hi", auth).body.find("21603") != std::string::npos);
}

TEST_CASE("sandbox: orders make a provider fail, and are recorded as such") {
  RunningSandbox sandbox;
  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"status","status":429,"retry_after_s":3,"count":1})").status ==
          200);
  const Answer limited = sandbox.send_postmark();
  CHECK(limited.status == 429);
  CHECK(http::field(limited.headers, "Retry-After") == "3");
  CHECK(sandbox.send_postmark().status == 200);

  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"reset"})").status == 200);
  const Answer reset = sandbox.send_postmark();
  CHECK(reset.status == 0);
  CHECK(reset.progress == http::Progress::MAYBE_SENT);
  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"drop_after_read"})").status == 200);
  CHECK(sandbox.send_postmark().status == 0);
  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"hang"})").status == 200);
  const Answer hung = sandbox.send_postmark("ann@example.com", "", std::chrono::milliseconds{100});
  CHECK(hung.status == 0);
  CHECK(hung.error == http::CallError::TIMEOUT);
  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"garbage"})").status == 200);
  CHECK(sandbox.send_postmark().status == 200);
  REQUIRE(sandbox.order(R"({"provider":"postmark","mode":"delay","delay_ms":30})").status == 200);
  CHECK(sandbox.send_postmark().took >= std::chrono::milliseconds{30});

  const std::string calls = sandbox.get("/calls");
  for (const char* row : {"true,\"refused\"", "false,\"reset\"", "false,\"dropped\"", "false,\"hung\"",
                          "true,\"garbage\"", "true,\"accepted\""}) {
    INFO(row);
    CHECK(calls.find(row) != std::string::npos);
  }
  CHECK(sandbox.get("/control").find("\"mode\":\"delay\"") != std::string::npos);
  CHECK(sandbox.call(Method::DELETE_, "/control").body == "[]");
}

TEST_CASE("sandbox: bad orders and queries are 400 with what is wrong") {
  RunningSandbox sandbox;
  const Answer answer = sandbox.order(R"({"mode":"hang","colour":"red"})");
  CHECK(answer.status == 400);
  CHECK(answer.body.find("colour") != std::string::npos);
  CHECK(sandbox.call(Method::GET, "/messages?limit=x").status == 400);
  CHECK(sandbox.call(Method::GET, "/messages?provider=mailgun").status == 400);
  CHECK(sandbox.call(Method::GET, "/nothing").status == 404);
}

TEST_CASE("sandbox: the inbox page says it is a sandbox, escapes what came and keeps mails in a sandboxed frame") {
  RunningSandbox sandbox;
  CHECK(sandbox.get("/").find("No messages yet") != std::string::npos);
  REQUIRE(sandbox.send_postmark().status == 200);
  const std::string page = sandbox.get("/?id=1");
  CHECK(page.find("nothing here is really sent") != std::string::npos);
  CHECK(page.find("&lt;b&gt;Hi&lt;/b&gt;") != std::string::npos);
  CHECK(page.find("<b>Hi</b>") == std::string::npos);
  CHECK(page.find("<script>1") == std::string::npos);
  CHECK(page.find(R"(src="/messages/1/html" sandbox)") != std::string::npos);
  const Answer mail = sandbox.call(Method::GET, "/messages/1/html");
  CHECK(mail.body.find("<p>html</p>") != std::string::npos);
  CHECK(http::field(mail.headers, "Content-Security-Policy").find("sandbox; default-src 'none'") == 0);
  CHECK(sandbox.get("/assets/sandbox.css").find(".banner") != std::string::npos);
  CHECK(sandbox.call(Method::GET, "/assets/../secret").status == 404);
}

TEST_CASE("sandbox: the page's switches work as plain forms, not from another site") {
  RunningSandbox sandbox;
  const Answer applied = sandbox.call(Method::POST, "/control/form", "provider=twilio&switch=503&back=%2F%3Fid%3D1");
  CHECK(applied.status == 303);
  CHECK(http::field(applied.headers, "Location") == "/?id=1");
  CHECK(sandbox.get("/control").find("\"provider\":\"twilio\",\"mode\":\"status\",\"status\":503") !=
        std::string::npos);
  CHECK(sandbox.get("/").find("answers 503") != std::string::npos);
  CHECK(http::field(
            sandbox.call(Method::POST, "/control/form", "provider=twilio&switch=ok&back=https%3A%2F%2Fevil.example")
                .headers,
            "Location") == "/");
  CHECK(sandbox.get("/control") == "[]");
  CHECK(sandbox.call(Method::POST, "/control/form", "provider=twilio&switch=503", {{"Sec-Fetch-Site", "cross-site"}})
            .status == 403);
  CHECK(sandbox.call(Method::POST, "/control", R"({"mode":"hang"})", {{"Sec-Fetch-Site", "cross-site"}}).status == 403);
}

TEST_CASE("sandbox: Stripe's pages are linked to at the public address, without one at the host that was called") {
  service::Environment environment;
  environment["CARILLON_SANDBOX_PUBLIC_URL"] = "http://pay.example.com:8025/";
  environment["CARILLON_SANDBOX_PORT"] = environment["CARILLON_SANDBOX_SMTP_PORT"] = "0";
  service::Settings given(environment);
  const sandbox::SandboxSettings settings = sandbox::SandboxSettings::read(given);
  given.finish();
  RunningSandbox elsewhere(settings), here;
  const auto checkout = [](RunningSandbox& sandbox) {
    return sandbox
        .post("/v1/checkout/sessions",
              "mode=subscription&line_items[0][price]=price_pro&client_reference_id=acme&success_url=http://a/b",
              {{"Authorization", "Bearer sk_test_sandbox"}, {"Content-Type", "application/x-www-form-urlencoded"}})
        .body;
  };
  CHECK_THAT(checkout(elsewhere), Catch::Contains(R"("url":"http://pay.example.com:8025/stripe/checkout/)"));
  CHECK_THAT(checkout(here), Catch::Contains(R"("url":")" + here.url() + "/stripe/checkout/"));
}

TEST_CASE("sandbox: a port that is taken is named") {
  const sandbox::Sandbox first{sandbox::SandboxSettings{}};
  sandbox::SandboxSettings same;
  same.http_port = first.port();
  CHECK_THROWS_WITH(sandbox::Sandbox{same}, Catch::Contains("127.0.0.1:" + std::to_string(first.port())));
}

}  // namespace
