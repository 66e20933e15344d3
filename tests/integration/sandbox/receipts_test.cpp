// Receipts on the wire: a server of our own stands where the platform's webhooks will be.
#include <catch2/catch.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>

#include "http/server.hpp"
#include "running_sandbox.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "time/clock.hpp"

#include <rapidjson/document.h>

namespace {

using namespace carillon;
using http::Answer;
using http::Method;
using sandbox::RunningSandbox;
using security::webhooks::Verdict;
namespace webhooks = security::webhooks;

constexpr std::chrono::seconds wait_max{20};

// Keeps what comes and answers it.
class Webhooks {
 public:
  Webhooks() : server_(runtime_, {}, router()) {}

  std::string url(const std::string& path = "/hook") const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  // The next `count`, in the order they came; fewer when they don't come in time.
  std::vector<http::Request> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait_max, [&] { return requests_.size() >= count; });
    std::vector<http::Request> out;
    for (; out.size() < count && !requests_.empty(); requests_.pop_front()) out.push_back(std::move(requests_.front()));
    return out;
  }
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return requests_.size();
  }
  void answer_with(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }

 private:
  http::Router router() {
    http::Router router;
    router.add_async(Method::POST, "/{path...}", [this](http::Request&& request, http::Reply reply) {
      int status = 0;
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
        status = status_;
      }
      changed_.notify_all();
      reply(http::json(status, "{}"));
    });
    return router;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<http::Request> requests_;
  int status_ = 200;
  http::Runtime runtime_;
  http::Server server_;
};

std::string header(const http::Request& request, std::string_view name) {
  return std::string(http::field(request.headers, name));
}

rapidjson::Document json(const std::string& text) {
  rapidjson::Document out;
  out.Parse(text.c_str());
  REQUIRE_FALSE(out.HasParseError());
  return out;
}

std::string order_json(const std::string& provider, const std::string& kind, const std::string& url,
                       const std::string& more = "") {
  return "{\"provider\":\"" + provider + R"(","kind":")" + kind + "\"" +
         (url.empty() ? "" : R"(,"url":")" + url + "\"") + R"(,"delay_ms":0)" + more + "}";
}

// /stats once `part` is in it: the sandbox learns of the answers a moment after the server has given them.
std::string stats_with(RunningSandbox& box, const std::string& part) {
  const auto until = std::chrono::steady_clock::now() + wait_max;
  std::string stats = box.get("/stats");
  while (stats.find(part) == std::string::npos && std::chrono::steady_clock::now() < until) stats = box.get("/stats");
  return stats;
}

TEST_CASE("receipts: Postmark's come with the user of the URL and are shown at their message") {
  Webhooks hooks;
  RunningSandbox box;
  const std::string url = "http://user:pass@" + hooks.url("/api/webhooks/postmark").substr(7);
  REQUIRE(box.order_receipts(order_json("postmark", "complaint", url)).status == 200);
  const Answer answer = box.send_postmark();
  const auto requests = hooks.take(2);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].path == "/api/webhooks/postmark");
  CHECK(header(requests[0], "Authorization") == "Basic dXNlcjpwYXNz");
  CHECK(json(requests[0].body)["RecordType"].GetString() == std::string("Delivery"));
  CHECK(json(requests[1].body)["RecordType"].GetString() == std::string("SpamComplaint"));
  CHECK(json(requests[1].body)["MessageID"].GetString() == std::string(json(answer.body)["MessageID"].GetString()));
  const std::string done = R"("receipts":{"sent":2,"accepted":2,"failed":{},"dropped":0,"waiting":0})";
  CHECK(stats_with(box, done).find(done) != std::string::npos);
  CHECK(box.get("/messages").find(R"("receipts":[{"kind":"Delivery",)") != std::string::npos);
  CHECK(box.get("/receipts").find("pass") == std::string::npos);
  const std::string page = box.get("/?id=1");
  CHECK(page.find("SpamComplaint") != std::string::npos);
  CHECK(page.find("answered 200") != std::string::npos);
}

TEST_CASE("receipts: SendGrid's verify with the key that is shown, and many messages come in few calls") {
  Webhooks hooks;
  RunningSandbox box;
  const auto keys = json(box.get("/receipts/keys"));
  const auto key = webhooks::SendGridKey::from_base64(keys["sendgrid"]["public_key"].GetString());
  REQUIRE(key);
  CHECK(box.get("/receipts/keys/sendgrid") == keys["sendgrid"]["public_key"].GetString() + std::string("\n"));
  // All are due at once, well after the last was sent.
  REQUIRE(
      box.order_receipts(R"({"provider":"sendgrid","kind":"delivered","delay_ms":500,"url":")" + hooks.url() + "\"}")
          .status == 200);
  constexpr std::size_t messages = 40;
  for (std::size_t i = 0; i < messages; ++i) REQUIRE(box.send_sendgrid().status == 202);
  std::size_t events = 0, calls = 0;
  while (events < 2 * messages) {
    const auto requests = hooks.take(1);
    REQUIRE(requests.size() == 1);
    const http::Request& request = requests[0];
    CHECK(webhooks::verify_sendgrid(header(request, "X-Twilio-Email-Event-Webhook-Signature"),
                                    header(request, "X-Twilio-Email-Event-Webhook-Timestamp"), request.body,
                                    std::span(&*key, 1), SystemClock().now(),
                                    std::chrono::seconds{60}) == Verdict::VALID);
    const auto body = json(request.body);
    REQUIRE(body.IsArray());
    events += body.Size();
    ++calls;
  }
  CHECK(events == 2 * messages);
  CHECK(calls < messages);
}

TEST_CASE("receipts: Twilio's go to the call's StatusCallback, signed with its token") {
  Webhooks hooks;
  RunningSandbox box;
  REQUIRE(box.order_receipts(order_json("twilio", "undelivered", "")).status == 200);
  const std::string callback = hooks.url("/status?message_id=m1&attempt=1");
  REQUIRE(box.send_twilio(callback + "#rc=5&rp=5xx,ct,rt").status == 201);  // the fragment is not sent along
  const auto requests = hooks.take(2);
  REQUIRE(requests.size() == 2);
  const std::string token[] = {"tok"};
  for (const http::Request& request : requests) {
    const auto form = http::parse_form(request.body);
    REQUIRE(form);
    const std::vector<webhooks::FormField> fields(form->begin(), form->end());
    CHECK(request.target == "/status?message_id=m1&attempt=1");
    CHECK(webhooks::verify_twilio(header(request, "X-Twilio-Signature"), {callback, fields, request.body}, token) ==
          Verdict::VALID);
  }
  CHECK(requests[0].body.find("MessageStatus=sent") != std::string::npos);
  CHECK(requests[1].body.find("ErrorCode=30005") != std::string::npos);
}

TEST_CASE("receipts: SES's come through SNS once the subscription is confirmed, and everything needed is served") {
  Webhooks hooks;
  RunningSandbox box;
  REQUIRE(box.order_receipts(order_json("ses", "hard_bounce", hooks.url())).status == 200);
  REQUIRE(box.send_ses().status == 200);
  auto asked = hooks.take(1);
  REQUIRE(asked.size() == 1);
  const auto confirmation = webhooks::parse_sns_message(asked[0].body);
  REQUIRE(confirmation);
  CHECK(header(asked[0], "x-amz-sns-message-type") == "SubscriptionConfirmation");
  CHECK(box.call(Method::GET, "/?Action=ConfirmSubscription&Token=guessed").status == 400);
  CHECK(hooks.waiting() == 0);

  const auto keys = json(box.get("/receipts/keys"));
  const std::string origin = "https://sns.us-east-1.amazonaws.com", url = confirmation->subscribe_url;
  REQUIRE(url.find(origin + "/?Action=ConfirmSubscription&") == 0);
  const Answer confirmed = box.call(Method::GET, url.substr(origin.size()));
  CHECK(confirmed.status == 200);
  CHECK(confirmed.body.find("<SubscriptionArn>arn:aws:sns:") != std::string::npos);
  const auto requests = hooks.take(1);
  REQUIRE(requests.size() == 1);
  const auto message = webhooks::parse_sns_message(requests[0].body);
  REQUIRE(message);
  const auto leaf = webhooks::SigningCertificate::from_pem(box.get(message->signing_cert_url.substr(origin.size())));
  REQUIRE(leaf);
  const std::string issuer = leaf->issuer_url();
  CHECK(issuer == keys["sns"]["issuer_url"].GetString());
  const auto chain = leaf->with_issuer(box.get(issuer.substr(issuer.find('/', 7))));
  const auto trust = webhooks::TrustStore::from_pem(keys["sns"]["root_pem"].GetString());
  REQUIRE(chain);
  REQUIRE(trust);
  const webhooks::SnsPolicy policy{{keys["sns"]["topic_arn"].GetString()}};
  CHECK(webhooks::verify_sns(*message, *chain, policy, *trust, SystemClock().now()) == Verdict::VALID);
  CHECK(json(message->message)["bounce"]["bounceType"].GetString() == std::string("Permanent"));
  CHECK(box.get("/receipts/keys/sns.pem") == keys["sns"]["root_pem"].GetString());
  CHECK(box.call(Method::GET, "/SimpleNotificationService-0.pem").status == 404);
}

TEST_CASE("receipts: with before_answer the receipt is there before the call's answer") {
  Webhooks hooks;
  RunningSandbox box;
  REQUIRE(box.order_receipts(order_json("postmark", "delivered", hooks.url(), R"(,"before_answer":true,"duplicate":2)"))
              .status == 200);
  REQUIRE(box.send_postmark().status == 200);
  CHECK(hooks.waiting() == 3);
  const auto requests = hooks.take(3);
  REQUIRE(requests.size() == 3);
  CHECK(json(requests[0].body)["MessageID"] == json(requests[2].body)["MessageID"]);
}

TEST_CASE("receipts: a receiver that refuses or isn't there is counted by what it did") {
  Webhooks hooks;
  RunningSandbox box;
  hooks.answer_with(401);
  REQUIRE(box.order_receipts(order_json("postmark", "delivered", hooks.url(), R"(,"before_answer":true)")).status ==
          200);
  REQUIRE(box.send_postmark().status == 200);
  // Port 1 of this machine: nobody listens there.
  REQUIRE(box.order_receipts(order_json("postmark", "delivered", "http://127.0.0.1:1/", R"(,"before_answer":true)"))
              .status == 200);
  REQUIRE(box.send_postmark().status == 200);
  CHECK(box.get("/stats").find(
            R"("receipts":{"sent":2,"accepted":0,"failed":{"401":1,"CONNECT":1},"dropped":0,"waiting":0})") !=
        std::string::npos);
  CHECK(box.get("/?id=2").find("no answer") != std::string::npos);
}

TEST_CASE("receipts: with the setting everything that is accepted is delivered, also what was never answered") {
  Webhooks hooks;
  sandbox::SandboxSettings settings;
  settings.receipts_url = hooks.url("");
  settings.postmark_receipts_user = "u";
  settings.postmark_receipts_password = "p";
  RunningSandbox box(settings);
  REQUIRE(box.order(R"({"provider":"postmark","mode":"drop_after_read"})").status == 200);
  CHECK(box.send_postmark().status == 0);
  REQUIRE(box.order(R"({"provider":"postmark","mode":"status"})").status == 200);
  CHECK(box.send_postmark().status == 503);
  const auto requests = hooks.take(1);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/api/webhooks/postmark");
  CHECK(header(requests[0], "Authorization") == "Basic dTpw");
  CHECK(box.get("/receipts").find(R"("orders":[])") != std::string::npos);
}

TEST_CASE("receipts: bad orders are 400, another site's page may give none, DELETE takes them back") {
  RunningSandbox box;
  const Answer bad = box.order_receipts(R"({"provider":"postmark","kind":"delivered"})");
  CHECK(bad.status == 400);
  CHECK(bad.body.find("url") != std::string::npos);
  CHECK(box.post("/receipts", R"({"provider":"twilio","kind":"failed"})", {{"Sec-Fetch-Site", "cross-site"}}).status ==
        403);
  REQUIRE(box.order_receipts(R"({"provider":"twilio","kind":"failed"})").status == 200);
  CHECK(box.get("/receipts").find(R"("provider":"twilio","kind":"failed")") != std::string::npos);
  CHECK(box.call(Method::DELETE_, "/receipts").body == R"({"orders":[],"subscriptions":[]})");
  CHECK(box.call(Method::PUT, "/receipts").status == 405);
}

TEST_CASE("receipts: two thousand at once all arrive") {
  Webhooks hooks;
  RunningSandbox box;
  REQUIRE(box.order_receipts(order_json("postmark", "delivered", hooks.url(), R"(,"duplicate":99)")).status == 200);
  constexpr std::size_t messages = 20, copies = 100;
  for (std::size_t i = 0; i < messages; ++i) REQUIRE(box.send_postmark().status == 200);
  CHECK(hooks.take(messages * copies).size() == messages * copies);
  const std::string done = R"("receipts":{"sent":2000,"accepted":2000,"failed":{},"dropped":0,"waiting":0})";
  CHECK(stats_with(box, done).find(done) != std::string::npos);
}

}  // namespace
