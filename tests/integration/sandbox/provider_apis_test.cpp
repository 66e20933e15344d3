// The providers' APIs over HTTP: what is in order is taken, what isn't is refused in each provider's own way.
#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "running_sandbox.hpp"
#include "security/digest.hpp"

namespace {

using namespace carillon;
using http::Answer;
using http::Method;
using sandbox::RunningSandbox;

std::string header(const Answer& answer, std::string_view name) {
  return std::string(http::field(answer.headers, name));
}

TEST_CASE("sandbox ses: a mail is taken with its tags") {
  RunningSandbox box;
  const Answer answer = box.send_ses();
  CHECK(answer.status == 200);
  rapidjson::Document body;
  body.Parse(answer.body.c_str());
  REQUIRE(body.IsObject());
  CHECK(body["MessageId"].GetStringLength() == 60);
  const std::string messages = box.get("/messages?provider=ses&to=ann@example.com");
  CHECK(messages.find(R"("channel":"EMAIL")") != std::string::npos);
  CHECK(messages.find(R"("message_id":"m-ses","attempt":2)") != std::string::npos);
  CHECK(box.get("/calls").find(R"(["m-ses",2,"ses",)") != std::string::npos);
}

TEST_CASE("sandbox ses: mistakes are refused as SES refuses them") {
  RunningSandbox box;
  const auto refused = [&](const std::string& body, http::Fields headers, int status, std::string_view type) {
    const Answer answer = box.post("/v2/email/outbound-emails", body, std::move(headers));
    INFO(body);
    CHECK(answer.status == status);
    CHECK(header(answer, "x-amzn-errortype") == type);
    CHECK(answer.body.find("{\"message\":\"") == 0);
  };
  const std::string simple = R"("Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}}}})",
                    to = R"("Destination":{"ToAddresses":["a@x.de"]})", from = R"("FromEmailAddress":"b@x.de")";
  refused("{}", {}, 403, "MissingAuthenticationTokenException");
  refused("{}", {{"Authorization", "AWS4-HMAC-SHA256 nothing"}}, 400, "IncompleteSignatureException");
  refused("{}", RunningSandbox::aws("sns"), 403, "SignatureDoesNotMatchException");
  refused("{", RunningSandbox::aws("ses"), 400, "SerializationException");
  for (
      const std::string& body :
      {"{" + to + "," + simple + "}", "{" + from + "," + simple + "}", "{" + from + "," + to + "}",
       "{" + from + R"(,"Destination":{"ToAddresses":["a@x.de","b@x.de"]},)" + simple + "}",
       "{" + from + R"(,"Destination":{"ToAddresses":["nobody"]},)" + simple + "}",
       "{" + from + "," + to + R"(,"Content":{"Raw":{"Data":"eA=="}}})",
       "{" + from + "," + to + R"(,"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{}}}})",
       "{" + from + "," + to + "," + simple + R"(,"EmailTags":[{"Name":"a b","Value":"c"}]})",
       "{" + from + "," + to +
           R"(,"Content":{"Simple":{"Subject":{"Data":"s"},"Body":{"Text":{"Data":"t"}},"Attachments":[{"FileName":"a"}]}}})"})
    refused(body, RunningSandbox::aws("ses"), 400, "BadRequestException");
  CHECK(box.get("/messages") == "[]");
}

TEST_CASE("sandbox ses: the account is a new one, an identity is pending once it was asked for") {
  RunningSandbox box;
  const auto get = [&](const std::string& path) { return box.call(Method::GET, path, "", RunningSandbox::aws("ses")); };
  box.send_ses();
  const Answer account = get("/v2/email/account");
  CHECK(account.body.find(R"("ProductionAccessEnabled":false)") != std::string::npos);
  CHECK(account.body.find(R"("SendQuota":{"Max24HourSend":200.0,"MaxSendRate":1.0,"SentLast24Hours":1.0})") !=
        std::string::npos);
  CHECK(box.call(Method::GET, "/v2/email/account").status == 403);
  const std::string wish = R"({"EmailIdentity":"a+b@x.de"})";
  CHECK(get("/v2/email/identities/a+b%40x.de").status == 404);
  const Answer created = box.post("/v2/email/identities", wish, RunningSandbox::aws("ses"));
  CHECK(created.status == 200);
  CHECK(created.body.find(R"("IdentityType":"EMAIL_ADDRESS","VerifiedForSendingStatus":false)") != std::string::npos);
  CHECK(header(box.post("/v2/email/identities", wish, RunningSandbox::aws("ses")), "x-amzn-errortype") ==
        "AlreadyExistsException");
  CHECK(get("/v2/email/identities/a+b%40x.de").body.find(R"("VerificationStatus":"PENDING")") != std::string::npos);
  CHECK(box.post("/v2/email/identities", R"({"EmailIdentity":"x.de"})", RunningSandbox::aws("ses"))
            .body.find(R"("IdentityType":"DOMAIN")") != std::string::npos);
  CHECK(box.post("/v2/email/identities", "{}", RunningSandbox::aws("ses")).status == 400);
  CHECK(box.post("/v2/email/identities", wish, {}).status == 403);
}

TEST_CASE("sandbox sns: an SMS is taken and answered in XML") {
  RunningSandbox box;
  const Answer answer = box.send_sns();
  CHECK(answer.status == 200);
  CHECK(header(answer, "Content-Type") == "text/xml");
  CHECK(answer.body.find("<PublishResult>\n    <MessageId>") != std::string::npos);
  CHECK(box.get("/messages?to=%2B447700900123").find(R"("provider":"sns","channel":"SMS")") != std::string::npos);
  CHECK(box.get("/calls").find(R"(["m-sns",2,"sns",)") != std::string::npos);
}

TEST_CASE("sandbox sns: mistakes are refused as SNS refuses them") {
  RunningSandbox box;
  const auto refused = [&](const std::string& form, int status, const std::string& code) {
    const Answer answer = box.send_sns(form);
    INFO(form);
    CHECK(answer.status == status);
    CHECK(answer.body.find("<Code>" + code + "</Code>") != std::string::npos);
    CHECK(answer.body.find("<Type>Sender</Type>") != std::string::npos);
  };
  const std::string begin = "Action=Publish&Version=2010-03-31", to = "&PhoneNumber=%2B447700900123";
  refused("Action=Subscribe&Version=2010-03-31", 400, "InvalidAction");
  refused("Action=Publish" + to + "&Message=x", 400, "InvalidAction");
  refused(begin + "&Message=x", 400, "InvalidParameter");
  refused(begin + "&PhoneNumber=1&Message=x", 400, "InvalidParameter");
  refused(begin + to, 400, "InvalidParameter");
  refused(begin + to + "&TopicArn=arn&Message=x", 404, "NotFound");
  refused(begin + to + "&Message=x&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.StringValue=b", 400,
          "ParameterValueInvalid");
  refused(begin + to +
              "&Message=x&MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.1.Value.DataType="
              "String"
              "&MessageAttributes.entry.1.Value.StringValue=Loud",
          400, "ParameterValueInvalid");
  const Answer unsigned_call = box.post("/", begin + to + "&Message=x", {});
  CHECK(unsigned_call.status == 403);
  CHECK(unsigned_call.body.find("<Code>MissingAuthenticationToken</Code>") != std::string::npos);
}

TEST_CASE("sandbox sendgrid: 202 without a body, and an id") {
  RunningSandbox box;
  const Answer answer = box.send_sendgrid();
  CHECK(answer.status == 202);
  CHECK(answer.body.empty());
  CHECK(header(answer, "X-Message-Id").size() == 22);
  CHECK(box.get("/messages?provider=sendgrid").find(R"("message_id":"m-sendgrid","attempt":1)") != std::string::npos);
}

TEST_CASE("sandbox sendgrid: mistakes are refused with the field at fault") {
  RunningSandbox box;
  const http::Fields good{{"Authorization", "Bearer SG.x"}, {"Content-Type", "application/json"}};
  const auto refused = [&](const std::string& body, const http::Fields& headers, int status, const std::string& field) {
    const Answer answer = box.post("/v3/mail/send", body, headers);
    INFO(body << " " << answer.body);
    CHECK(answer.status == status);
    CHECK(answer.body.find("{\"errors\":[{\"message\":\"") == 0);
    CHECK(answer.body.find("\"field\":" + field) != std::string::npos);
  };
  const std::string to = R"("personalizations":[{"to":[{"email":"a@x.de"}]}])", from = R"("from":{"email":"b@x.de"})",
                    subject = R"("subject":"s")", content = R"("content":[{"type":"text/plain","value":"t"}])";
  refused("{}", {}, 401, "null");
  refused("{}", {{"Authorization", "Bearer SG.x"}}, 415, "null");
  refused("{", good, 400, "null");
  refused("{" + from + "," + subject + "," + content + "}", good, 400, "\"personalizations\"");
  refused(R"({"personalizations":[{}],)" + from + "," + subject + "," + content + "}", good, 400,
          "\"personalizations.0.to\"");
  refused(R"({"personalizations":[{"to":[{"email":"nobody"}]}],)" + from + "," + subject + "," + content + "}", good,
          400, "\"personalizations.0.to.0.email\"");
  refused("{" + to + "," + subject + "," + content + "}", good, 400, "\"from.email\"");
  refused("{" + to + "," + from + "," + content + "}", good, 400, "\"subject\"");
  refused("{" + to + "," + from + "," + subject + "}", good, 400, "\"content\"");
  refused("{" + to + "," + from + "," + subject +
              R"(,"content":[{"type":"text/html","value":"h"},{"type":"text/plain","value":"t"}]})",
          good, 400, "\"content\"");
  refused("{" + to + "," + from + "," + subject + "," + content + R"(,"attachments":[{"filename":"a"}]})", good, 400,
          "\"attachments.0.content\"");
  CHECK(box.get("/messages") == "[]");
}

TEST_CASE("sandbox slack: ok, for whole URLs and readable texts") {
  RunningSandbox box;
  const Answer answer = box.send_slack();
  CHECK(answer.status == 200);
  CHECK(answer.body == "ok");
  CHECK(box.send_slack("/workflows/T1/A1/1/secret").body == "ok");
  CHECK(box.get("/messages?to=https://hooks.slack.com/services/T1/B1/secret").find(R"("channel":"SLACK")") !=
        std::string::npos);
  CHECK(box.get("/messages?provider=slack").find(R"("message_id":"m-slack","attempt":4)") != std::string::npos);
  const auto refused = [&](const std::string& path, const std::string& body, int status, const std::string& word) {
    const Answer no = box.send_slack(path, body);
    INFO(path << " " << body);
    CHECK(no.status == status);
    CHECK(no.body == word);
  };
  refused("/services/T1/B1", R"({"text":"x"})", 404, "no_service");
  refused("/services/T1//secret", R"({"text":"x"})", 404, "no_service");
  refused("/services/T1/B1/secret", "{", 400, "invalid_payload");
  refused("/services/T1/B1/secret", R"({"text":""})", 400, "no_text");
  CHECK(box.post("/services/T1/B1/s", R"({"text":"x"})", {}).body == "invalid_payload");
}

TEST_CASE("sandbox: every provider refuses as ordered, in its own form") {
  RunningSandbox box;
  const auto ordered = [&](const std::string& provider, const std::string& code, const std::function<Answer()>& send,
                           int status, const std::string& part) {
    REQUIRE(box.order("{\"provider\":\"" + provider +
                      R"(","mode":"status","count":1,"retry_after_s":4,"error_code":")" + code + "\"}")
                .status == 200);
    const Answer answer = send();
    INFO(provider << " " << code << " " << answer.body);
    CHECK(answer.status == status);
    CHECK((answer.body + header(answer, "x-amzn-errortype")).find(part) != std::string::npos);
    CHECK(header(answer, "Retry-After") == "4");
    CHECK(send().status / 100 == 2);
  };
  const auto ses = [&] { return box.send_ses(); };
  const auto sns = [&] { return box.send_sns(); };
  const auto sendgrid = [&] { return box.send_sendgrid(); };
  const auto slack = [&] { return box.send_slack(); };
  ordered("ses", "MessageRejected", ses, 400, "MessageRejected");
  ordered("ses", "TooManyRequestsException", ses, 429, "TooManyRequestsException");
  ordered("sns", "OptedOut", sns, 400, "<Code>OptedOut</Code>");
  ordered("sns", "InternalError", sns, 500, "<Type>Receiver</Type>");
  ordered("sendgrid", "temporary_block", sendgrid, 403, "Temporary block");
  ordered("sendgrid", "from_mismatch", sendgrid, 403, R"("field":"from")");
  ordered("slack", "channel_is_archived", slack, 410, "channel_is_archived");
  ordered("slack", "rate_limited", slack, 429, "rate_limited");
}

TEST_CASE("sandbox: an order for all is refused by every provider, and none of them says it took what it didn't") {
  RunningSandbox box;
  REQUIRE(box.order(R"({"mode":"status","status":503})").status == 200);
  CHECK(box.send_ses().status == 503);
  CHECK(box.send_sns().status == 503);
  CHECK(box.send_sendgrid().status == 503);
  CHECK(box.send_slack().status == 503);
  CHECK(box.send_postmark().status == 503);
  CHECK(box.get("/messages") == "[]");
  REQUIRE(box.order(R"({"mode":"garbage"})").status == 200);
  CHECK(box.send_ses().body.find("MessageId") == std::string::npos);
  CHECK(box.send_sns().body.find("MessageId") == std::string::npos);
  CHECK(header(box.send_sendgrid(), "X-Message-Id").empty());
  CHECK(box.send_slack().body != "ok");
}

TEST_CASE("sandbox: attachments are kept byte for byte and handed out only to be saved") {
  RunningSandbox box;
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += static_cast<char>(i * 7 + i / 256);
  const std::string base64 = security::base64(bytes), sha256 = security::hex(security::sha256(bytes));
  const std::string evil = R"(..\\/a\"b ü.html)";  // in JSON
  REQUIRE(box.send_ses("a@x.de", R"(,"Attachments":[{"FileName":")" + evil + R"(","RawContent":")" + base64 + R"("}])")
              .status == 200);
  REQUIRE(box.send_sendgrid("b@x.de", R"(,"attachments":[{"filename":")" + evil +
                                          R"(","type":"text/html","content":")" + base64 + R"("}])")
              .status == 202);
  REQUIRE(box.send_postmark("c@x.de", R"(,"Attachments":[{"Name":")" + evil +
                                          R"(","ContentType":"text/html","Content":")" + base64 + R"("}])")
              .status == 200);
  for (int id = 1; id <= 3; ++id) {
    const Answer file = box.call(Method::GET, "/messages/" + std::to_string(id) + "/attachments/0");
    CHECK(file.status == 200);
    CHECK((file.body == bytes));
    CHECK(header(file, "Content-Type") == "application/octet-stream");
    CHECK(header(file, "X-Content-Type-Options") == "nosniff");
    CHECK(header(file, "Content-Disposition") ==
          "attachment; filename=\"..__a_b __.html\"; filename*=UTF-8''..__a%22b%20%C3%BC.html");
  }
  const std::string messages = box.get("/messages");
  for (std::size_t at = 0, seen = 0; seen < 3; ++seen) {
    at = messages.find("\"bytes\":200000,\"sha256\":\"" + sha256 + "\"", at + 1);
    CHECK(at != std::string::npos);
  }
  CHECK(box.get("/?id=1").find("/messages/1/attachments/0") != std::string::npos);
  for (const char* path : {"/messages/1/attachments/1", "/messages/1/attachments/", "/messages/1/attachments/-1",
                           "/messages/1/attachments/0x", "/messages/9/attachments/0"}) {
    INFO(path);
    CHECK(box.call(Method::GET, path).status == 404);
  }
}

}  // namespace
