#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <future>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/aws/credential_source.hpp"
#include "unit/providers/aws_fake_server.hpp"

namespace {

using namespace carillon::dispatcher::aws;
using namespace carillon::dispatcher::testing;
using carillon::Result;
namespace http = carillon::http;

constexpr std::chrono::seconds patience{20};
const std::string expiration = "2026-09-01T18:00:00Z";
const std::string json_credentials =
    R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"ASIA1","SecretAccessKey":"s1",)"
    R"("Token":"t1","Expiration":")" +
    expiration + "\"}";

Result<IssuedCredentials> fetched(const AwsSettings& settings) {
  http::Runtime io;
  http::Client client(io);
  const auto source = make_credential_source(settings, client);
  std::promise<Result<IssuedCredentials>> promise;
  auto answer = promise.get_future();
  source->fetch([&promise](Result<IssuedCredentials> result) { promise.set_value(std::move(result)); });
  if (answer.wait_for(patience) != std::future_status::ready) throw std::runtime_error("the source never called back");
  return answer.get();
}

void check_credentials(const Result<IssuedCredentials>& result) {
  INFO((result ? "" : result.error().detail));
  REQUIRE(result);
  CHECK(result->credentials.access_key_id == "ASIA1");
  CHECK(result->credentials.secret_access_key == "s1");
  CHECK(result->credentials.session_token == "t1");
  CHECK(result->expires_at == carillon::from_rfc3339(expiration));
}

void check_failure(const Result<IssuedCredentials>& result, const std::string& part) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == "AWS_CREDENTIALS_UNAVAILABLE");
  INFO(result.error().detail);
  CHECK(result.error().detail.find(part) != std::string::npos);
}

class TokenFile {
 public:
  explicit TokenFile(const std::string& content) { write(content); }
  ~TokenFile() { std::remove(path.c_str()); }
  TokenFile(const TokenFile&) = delete;
  TokenFile& operator=(const TokenFile&) = delete;
  void write(const std::string& content) const { std::ofstream(path, std::ios::binary | std::ios::trunc) << content; }
  const std::string path = "/tmp/carillon-token-" + std::to_string(::getpid());
};

TEST_CASE("aws credentials: keys of the settings are there at once and never expire") {
  AwsSettings settings;
  settings.access_key_id = "AKIA1";
  settings.secret_access_key = "s";
  const auto result = fetched(settings);
  REQUIRE(result);
  CHECK(result->credentials.access_key_id == "AKIA1");
  CHECK(result->credentials.session_token.empty());
  CHECK_FALSE(result->expires_at.has_value());
}

TEST_CASE("aws credentials: without a source there is a failure, not a call") {
  check_failure(fetched({}), "no source of AWS credentials");
}

std::string sts_answer(const std::string& credentials) {
  return "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
         "<AssumeRoleWithWebIdentityResult><SubjectFromWebIdentityToken>x</SubjectFromWebIdentityToken><Credentials>" +
         credentials +
         "</Credentials></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
         "</AssumeRoleWithWebIdentityResponse>";
}

const std::string sts_credentials =
    "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s1</SecretAccessKey>"
    "<SessionToken>t1</SessionToken><Expiration>" +
    expiration + "</Expiration>";

AwsSettings web_identity(const FakeServer& sts, const TokenFile& file) {
  AwsSettings settings;
  settings.web_identity_token_file = file.path;
  settings.role_arn = "arn:aws:iam::123456789012:role/mail";
  settings.sts_base_url = sts.url();
  return settings;
}

TEST_CASE("aws credentials: a web identity is exchanged at STS without a signature, with the token of that moment") {
  FakeServer sts([](const http::Request&) { return respond(200, sts_answer(sts_credentials)); });
  const TokenFile file("first.token\n");
  check_credentials(fetched(web_identity(sts, file)));
  file.write("second.token");
  check_credentials(fetched(web_identity(sts, file)));
  const auto requests = sts.requests();
  REQUIRE(requests.size() == 2);
  auto form = http::parse_form(requests[0].body);
  REQUIRE(form);
  CHECK(*form == std::map<std::string, std::string>{{"Action", "AssumeRoleWithWebIdentity"},
                                                    {"Version", "2011-06-15"},
                                                    {"RoleArn", "arn:aws:iam::123456789012:role/mail"},
                                                    {"RoleSessionName", "carillon"},
                                                    {"WebIdentityToken", "first.token"}});
  CHECK(requests[0].method == http::Method::POST);
  CHECK(http::field(requests[0].headers, "Authorization").empty());
  form = http::parse_form(requests[1].body);
  REQUIRE(form);
  CHECK(form->at("WebIdentityToken") == "second.token");
}

TEST_CASE("aws credentials: what STS refuses or leaves out is told without the token") {
  const TokenFile file("very-secret-token");
  FakeServer refusing([](const http::Request&) {
    return respond(400,
                   "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredTokenException</Code><Message>Token "
                   "expired very-secret-token</Message></Error></ErrorResponse>");
  });
  const auto refused = fetched(web_identity(refusing, file));
  check_failure(refused, "HTTP status 400 ExpiredTokenException");
  CHECK(refused.error().detail.find("very-secret-token") == std::string::npos);
  FakeServer garbled([](const http::Request&) { return respond(200, "<html>"); });
  check_failure(fetched(web_identity(garbled, file)), "can't be read");
  FakeServer poor([](const http::Request&) { return respond(200, sts_answer("<AccessKeyId>A</AccessKeyId>")); });
  check_failure(fetched(web_identity(poor, file)), "lacks a key");
}

TEST_CASE("aws credentials: a token file that is absent, empty or no token is named and nobody is asked") {
  FakeServer sts([](const http::Request&) { return respond(200, sts_answer(sts_credentials)); });
  const TokenFile file(" \n");
  check_failure(fetched(web_identity(sts, file)), "AWS_WEB_IDENTITY_TOKEN_FILE is empty");
  file.write("a\nb");
  check_failure(fetched(web_identity(sts, file)), "AWS_WEB_IDENTITY_TOKEN_FILE holds control characters");
  file.write(std::string(token_file_bytes_max + 1, 'x'));
  check_failure(fetched(web_identity(sts, file)), "AWS_WEB_IDENTITY_TOKEN_FILE is too large");
  std::remove(file.path.c_str());
  check_failure(fetched(web_identity(sts, file)), "can't read AWS_WEB_IDENTITY_TOKEN_FILE");
  CHECK(sts.requests().empty());
}

TEST_CASE("aws credentials: a container's agent is asked with the token of the settings or of the file") {
  FakeServer agent([](const http::Request&) { return respond(200, json_credentials); });
  AwsSettings settings;
  settings.container_url = agent.url("/v1/credentials?id=7");
  check_credentials(fetched(settings));
  settings.container_token = "Basic abc";
  check_credentials(fetched(settings));
  const TokenFile file("from-file\n");
  settings.container_token_file = file.path;
  check_credentials(fetched(settings));
  const auto requests = agent.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].method == http::Method::GET);
  CHECK(requests[0].target == "/v1/credentials?id=7");
  CHECK(http::field(requests[0].headers, "Authorization").empty());
  CHECK(http::field(requests[1].headers, "Authorization") == "Basic abc");
  CHECK(http::field(requests[2].headers, "Authorization") == "from-file");
}

TEST_CASE("aws credentials: an agent's refusal, bad answer and absence are told") {
  AwsSettings settings;
  FakeServer refusing([](const http::Request&) { return respond(404, R"({"code":"NoRole","message":"nothing"})"); });
  settings.container_url = refusing.url("/c");
  check_failure(fetched(settings), "container credentials: HTTP status 404 NoRole");
  for (
      const std::string& body : std::vector<std::string>{
          "", "[]", "{", "{}", R"({"AccessKeyId":"A","SecretAccessKey":"B","Token":"C"})",
          R"({"AccessKeyId":"A","SecretAccessKey":"B","Token":"C","Expiration":"soon"})",
          R"({"AccessKeyId":"A","SecretAccessKey":"B","Token":"C\r\nX-Evil: 1","Expiration":"2026-09-01T18:00:00Z"})"}) {
    INFO(body);
    FakeServer garbled([&](const http::Request&) { return respond(200, body); });
    settings.container_url = garbled.url("/c");
    check_failure(fetched(settings), "container credentials: ");
  }
  {
    FakeServer gone([](const http::Request&) { return respond(200, ""); });
    settings.container_url = gone.url("/c");
  }
  check_failure(fetched(settings), "container credentials: CONNECT");
}

http::Response imds(const http::Request& request) {
  if (request.method == http::Method::PUT && request.path == "/latest/api/token") {
    return respond(http::field(request.headers, "X-aws-ec2-metadata-token-ttl-seconds") == "21600" ? 200 : 400,
                   "imds-token");
  }
  if (http::field(request.headers, "X-aws-ec2-metadata-token") != "imds-token") return respond(401, "");
  if (request.path == "/latest/meta-data/iam/security-credentials/") return respond(200, "mail+role@x");
  return respond(request.path == "/latest/meta-data/iam/security-credentials/mail+role@x" ? 200 : 404,
                 json_credentials);
}

AwsSettings ec2(const FakeServer& server) {
  AwsSettings settings;
  settings.ec2_metadata = true;
  settings.ec2_metadata_url = server.url();
  return settings;
}

TEST_CASE("aws credentials: EC2 is asked for a token, then for the role, then for its credentials") {
  FakeServer metadata(imds);
  check_credentials(fetched(ec2(metadata)));
  CHECK(metadata.requests().size() == 3);
}

TEST_CASE("aws credentials: an instance without a role, and one that forbids, are told") {
  FakeServer no_role([](const http::Request& request) {
    return request.method == http::Method::PUT ? respond(200, "imds-token") : respond(404, "");
  });
  check_failure(fetched(ec2(no_role)), "EC2 instance metadata: the instance has no role");
  FakeServer forbidding([](const http::Request&) { return respond(403, ""); });
  check_failure(fetched(ec2(forbidding)), "HTTP status 403");
  CHECK(forbidding.requests().size() == 1);
  FakeServer without([](const http::Request& request) {
    return request.path.find("mail") == std::string::npos
               ? imds(request)
               : respond(200, R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"no"})");
  });
  check_failure(fetched(ec2(without)), "AssumeRoleUnauthorizedAccess");
}

TEST_CASE("aws credentials: what is no token or no role's name is not put into the next request") {
  FakeServer bad_token([](const http::Request&) { return respond(200, "a\r\nX-Evil: 1"); });
  check_failure(fetched(ec2(bad_token)), "no token");
  CHECK(bad_token.requests().size() == 1);
  for (const std::string& role : std::vector<std::string>{"", "../../user-data", "<html>", std::string(65, 'x')}) {
    FakeServer bad_role([&](const http::Request& request) {
      return respond(200, request.method == http::Method::PUT ? "imds-token" : role);
    });
    check_failure(fetched(ec2(bad_role)), "no name of a role");
    CHECK(bad_role.requests().size() == 2);
  }
}

}  // namespace
