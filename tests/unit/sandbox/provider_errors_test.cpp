#include <catch2/catch.hpp>

#include "sandbox/app/refusal.hpp"
#include "sandbox/core/authorization.hpp"
#include "sandbox/core/provider_errors.hpp"

namespace {

using namespace carillon::sandbox;

TEST_CASE("provider errors: codes and statuses lead to the errors that providers document") {
  CHECK(find_error(ProviderName::SES, "TooManyRequestsException")->status == 429);
  CHECK(find_error(ProviderName::SNS, "KMSThrottling")->status == 400);
  CHECK(find_error(ProviderName::SNS, "MessageRejected") == nullptr);
  CHECK(find_error(ProviderName::SMTP, "550") == nullptr);
  CHECK(usual_error(ProviderName::POSTMARK, 422)->code == "300");
  CHECK(usual_error(ProviderName::SLACK, 404)->code == "no_service");
  CHECK(usual_error(ProviderName::SES, 418) == nullptr);
}

TEST_CASE("refusal: the order's code goes before the usual one, and that before the fallback") {
  Order order;
  order.status = 403;
  CHECK(refusal_of(ProviderName::SENDGRID, order, "x").message.find("Sender Identity") != std::string::npos);
  CHECK(refusal_of(ProviderName::SENDGRID, order, "x").field == "from");
  order.error_code = "temporary_block";
  CHECK(refusal_of(ProviderName::SENDGRID, order, "x").message.find("Temporary block") != std::string::npos);
  order.error_code = "MadeUp";
  CHECK(refusal_of(ProviderName::SES, order, "x").code == "MadeUp");
  order = {};
  order.status = 418;
  CHECK(refusal_of(ProviderName::SES, order, "Fallback").code == "Fallback");
  order.retry_after_s = 7;
  CHECK(retry_header(order) == "Retry-After: 7\r\n");
}

TEST_CASE("authorization: Basic needs a user and a password, Bearer a token") {
  REQUIRE(basic_auth("Basic QUMxOnRvazpuIQ=="));
  CHECK(basic_auth("Basic QUMxOnRvazpuIQ==")->user == "AC1");
  CHECK(basic_auth("Basic QUMxOnRvazpuIQ==")->password == "tok:n!");
  for (const char* bad :
       {"", "Basic ", "Basic QUMx", "Basic QUMxOg==", "Basic OnRvaw==", "Basic %%%", "Bearer QUMxOnRvaw=="}) {
    INFO(bad);
    CHECK_FALSE(basic_auth(bad));
  }
  CHECK(is_bearer("Bearer SG.x.y"));
  CHECK_FALSE(is_bearer("Bearer "));
  CHECK_FALSE(is_bearer("Bearer a b"));
  CHECK_FALSE(is_bearer("bearer"));
}

TEST_CASE("authorization: Signature Version 4 is judged by its form and its scope") {
  const std::string signature(64, 'a'), date = "20260131T235959Z";
  const std::string whole =
      "AWS4-HMAC-SHA256 Credential=AKID/20260131/eu-west-1/ses/aws4_request, "
      "SignedHeaders=content-type;host;x-amz-date, Signature=" +
      signature;
  CHECK(sigv4_form(whole, date, "ses") == SigV4::WELL_FORMED);
  CHECK(sigv4_form(whole, date, "sns") == SigV4::OTHER_SERVICE);
  CHECK(sigv4_form("", date, "ses") == SigV4::MISSING);
  // A key id may hold slashes nowhere else than AWS puts them, yet the scope is read from its end.
  CHECK(sigv4_form(
            "AWS4-HMAC-SHA256 Credential=a/b/20260131/r/ses/aws4_request,SignedHeaders=host,Signature=" + signature,
            date, "ses") == SigV4::WELL_FORMED);
  const auto changed = [&whole](std::string_view from, std::string_view to) {
    std::string out = whole;
    out.replace(out.find(from), from.size(), to);
    return out;
  };
  for (const std::string& bad :
       {changed("AWS4-HMAC-SHA256", "AWS3-HMAC-SHA256"), changed("/aws4_request", ""), changed("AKID/", "/"),
        changed(";host;", ";"), changed(signature, signature.substr(1)), changed("aaaa", "AAAA"),
        changed("Credential=", "Credentials="), changed("20260131/", "20260130/")}) {
    INFO(bad);
    CHECK(sigv4_form(bad, date, "ses") == SigV4::INCOMPLETE);
  }
  CHECK(sigv4_form(whole, "", "ses") == SigV4::INCOMPLETE);
}

}  // namespace
