#include <catch2/catch.hpp>

#include <future>

#include "provider-dispatcher/adapters/providers/ses/account.hpp"
#include "unit/providers/aws_fake_server.hpp"

namespace {

using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using carillon::Result;
using ses::AccountStatus;
using ses::Verification;
namespace http = carillon::http;

constexpr std::chrono::seconds patience{20};
const carillon::UtcTime now = *carillon::from_rfc3339("2026-09-01T10:00:00Z");

http::Answer answer(int status, std::string body, http::Fields headers = {}) {
  http::Answer out;
  out.status = status;
  out.body = std::move(body);
  out.headers = std::move(headers);
  return out;
}

struct Bench {
  explicit Bench(const std::string& url) {
    aws::AwsSettings keys;
    keys.access_key_id = "AKIDEXAMPLE";
    keys.secret_access_key = "s3cret-key-4711";
    SesSettings settings;
    settings.base_url = url;
    account = std::make_unique<ses::Account>(settings, std::make_shared<const aws::SignedCalls>(keys, client, io));
  }
  template <class T>
  Result<T> wait(const std::function<void(std::function<void(Result<T>)>)>& call) {
    std::promise<Result<T>> promise;
    auto future = promise.get_future();
    call([&promise](Result<T> result) { promise.set_value(std::move(result)); });
    if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("SES was never answered for");
    return future.get();
  }
  Result<AccountStatus> status() {
    return wait<AccountStatus>([this](auto done) { account->status(now, std::move(done)); });
  }
  Result<Verification> verify(const std::string& address) {
    return wait<Verification>([&](auto done) { account->verify_sender(address, now, std::move(done)); });
  }
  http::Runtime io;
  http::Client client{io};
  std::unique_ptr<ses::Account> account;
};

const std::string sandbox_account =
    R"({"DedicatedIpAutoWarmupEnabled":false,"EnforcementStatus":"HEALTHY","ProductionAccessEnabled":false,)"
    R"("SendQuota":{"Max24HourSend":200.0,"MaxSendRate":1,"SentLast24Hours":7.0},"SendingEnabled":true})";

TEST_CASE("ses account: what GetAccount tells") {
  const auto status = ses::read_status(answer(200, sandbox_account));
  REQUIRE(status);
  CHECK_FALSE(status->production);
  CHECK(status->sending_enabled);
  CHECK(status->sends_per_day_max == 200);
  CHECK(status->sends_per_second_max == 1);
  CHECK(status->sent_last_day == 7);
  CHECK(status->enforcement == "HEALTHY");
}

TEST_CASE("ses account: an answer that can't be read is told") {
  for (const char* body :
       {"", "[]", "{}", R"({"SendQuota":{}})",
        R"({"SendQuota":{"Max24HourSend":"200","MaxSendRate":1,"SentLast24Hours":7}})",
        R"({"ProductionAccessEnabled":"yes","SendQuota":{"Max24HourSend":1,"MaxSendRate":1,"SentLast24Hours":7}})"}) {
    INFO(body);
    const auto status = ses::read_status(answer(200, body));
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "BAD_ANSWER");
  }
  CHECK(ses::read_status(answer(502, "<html>")).error().code == "BAD_ANSWER");
  CHECK(ses::read_verification(answer(200, "[]")).error().code == "BAD_ANSWER");
  CHECK(ses::read_status({}).error().code == "NO_ANSWER");
}

TEST_CASE("ses account: the calls are signed for ses and go to their paths") {
  FakeServer server([](const http::Request& request) {
    return respond(200,
                   request.method == http::Method::GET ? sandbox_account : R"({"VerifiedForSendingStatus":false})");
  });
  Bench bench(server.url());
  CHECK(bench.status());
  const auto verified = bench.verify("Bell@Example.com");
  REQUIRE(verified);
  CHECK(*verified == Verification::PENDING);
  const auto requests = server.requests();
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].target == "/v2/email/account");
  CHECK(requests[1].method == http::Method::POST);
  CHECK(requests[1].target == "/v2/email/identities");
  CHECK(requests[1].body == R"({"EmailIdentity":"Bell@example.com"})");
  for (const auto& request : requests) {
    CHECK(http::field(request.headers, "Authorization").find("/us-east-1/ses/aws4_request") != std::string_view::npos);
  }
}

TEST_CASE("ses account: an address that SES knows is looked up") {
  FakeServer server([](const http::Request& request) {
    if (request.method == http::Method::POST)
      return respond(400, R"({"message":"bell@example.com is there"})",
                     {{"x-amzn-errortype", "AlreadyExistsException"}});
    return request.target == "/v2/email/identities/bell%40example.com"
               ? respond(200, R"({"IdentityType":"EMAIL_ADDRESS","VerifiedForSendingStatus":true})")
               : respond(404, "{}");
  });
  Bench bench(server.url());
  const auto verified = bench.verify("bell@example.com");
  REQUIRE(verified);
  CHECK(*verified == Verification::VERIFIED);
}

TEST_CASE("ses account: a refusal keeps its code and loses address and secret") {
  FakeServer server([](const http::Request&) {
    return respond(400, R"({"message":"bell@example.com with s3cret-key-4711 is bad"})",
                   {{"x-amzn-errortype", "BadRequestException"}});
  });
  Bench bench(server.url());
  const auto verified = bench.verify("bell@example.com");
  REQUIRE_FALSE(verified);
  CHECK(verified.error().code == "BadRequestException");
  CHECK(verified.error().detail == "HTTP status 400: *** with *** is bad");
  CHECK(bench.verify("nobody").error().code == "INVALID_EMAIL_ADDRESS");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("ses account: without credentials and without a server the failure says so") {
  std::string url;
  {
    FakeServer server([](const http::Request&) { return respond(200, ""); });
    url = server.url();
  }
  Bench bench(url);
  CHECK(bench.status().error().code == "NO_ANSWER");
  const ses::Account without({}, std::make_shared<const aws::SignedCalls>(aws::AwsSettings(), bench.client, bench.io));
  CHECK_FALSE(without.missing_settings().empty());
  const auto status = bench.wait<AccountStatus>([&](auto done) { without.status(now, std::move(done)); });
  CHECK(status.error().code == "AWS_CREDENTIALS_UNAVAILABLE");
}

}  // namespace
