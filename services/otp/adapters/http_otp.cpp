#include "otp/adapters/http_otp.hpp"

#include <memory>

#include "otp/adapters/otp_body.hpp"
#include "otp_sql.hpp"

namespace carillon::otp {
namespace {

http::Response unavailable(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

http::Response openly_refused(const Failure& failure) {
  return http::problem(failure.code == "UNSUPPORTED_MEDIA_TYPE" ? 415 : 400, failure.code, failure.detail);
}

// One text for every send, whatever became of it.
http::Response sent() {
  return http::json(200, R"({"status":"ACCEPTED","detail":"if this recipient can get a code, it is on its way"})");
}

http::Response right(const OtpRequest& request, const std::string& token, std::chrono::seconds token_ttl) {
  if (request.kind == OtpKind::SEND) return sent();
  if (request.kind == OtpKind::REDEEM) return http::json(200, R"({"valid":true})");
  if (token.empty()) return http::json(200, R"({"verified":true})");
  return http::json(200, "{\"verified\":true,\"step_up_token\":" + http::json_string(token) +
                             ",\"expires_in_seconds\":" + std::to_string(token_ttl.count()) + "}");
}

http::Response wrong(OtpKind kind) {
  return kind == OtpKind::VERIFY ? http::problem(400, "INVALID_CODE", "invalid code")
                                 : http::problem(400, "INVALID_TOKEN", "invalid token");
}

http::Response response_to(const OtpRequest& request, const OtpAnswer& answer, std::chrono::seconds token_ttl) {
  switch (answer.kind) {
    case OtpAnswer::Kind::DONE:
      return right(request, answer.step_up_token, token_ttl);
    case OtpAnswer::Kind::REFUSED:
      return wrong(request.kind);
    case OtpAnswer::Kind::NOT_CONFIGURED:
      return http::problem(503, "OTP_NOT_CONFIGURED", "OTP_PEPPER is not set: no codes are sent");
    case OtpAnswer::Kind::UNAVAILABLE:
      return unavailable("DATABASE_UNAVAILABLE", "the request could not be stored; try again");
    default:
      return http::problem(500, "INTERNAL_ERROR", "the request could not be handled");
  }
}

// Of the routes of before: where to go instead.
http::Response retired(const http::Request&) {
  return http::problem(410, "LEGACY_OTP_ENDPOINT_DEPRECATED", "use POST /api/otp/send and POST /api/otp/verify",
                       R"("send":{"route":"/api/otp/send","fields":["phone_number","email","action"]},)"
                       R"("verify":{"route":"/api/otp/verify","fields":["phone_number","email","action","code"]})");
}

}  // namespace

HttpOtp::HttpOtp(const OtpSettings& settings, AnswerRequests& requests, pg::Pool& pool, service::Platform& platform)
    : settings_(settings),
      requests_(requests),
      pool_(pool),
      platform_(platform),
      keys_(platform.api_keys),
      ticks_(platform.clock, settings.answer_interval) {}

void HttpOtp::start() {
  keys_.start();
  ticks_.start();
}

void HttpOtp::stop() {
  keys_.stop();
  ticks_.stop();
}

void HttpOtp::routes(http::Router& router) {
  router.add_async(http::Method::POST, "/api/otp/send",
                   settings_.is_public ? open_to_all(read_send) : with_key(read_send));
  router.add_async(http::Method::POST, "/api/otp/verify",
                   settings_.is_public ? open_to_all(read_verify) : with_key(read_verify));
  router.add_async(http::Method::POST, "/api/otp/step-up/redeem", with_key(read_redeem));
  router.add(
      http::Method::POST, "/api/otp/verified", [this](const http::Request& request) { return verified(request); },
      service::require_scope(platform_, api_scope));
  router.add(http::Method::POST, "/api/sms/send-otp", retired);
  router.add(http::Method::POST, "/api/sms/verify-otp", retired);
  router.add(http::Method::POST, "/api/sms/otp/send", retired);
  router.add(http::Method::POST, "/api/sms/otp/verify", retired);
}

http::AsyncHandler HttpOtp::open_to_all(Read read) {
  return
      [this, read](http::Request&& request, http::Reply reply) { on_post(read, request, "public", std::move(reply)); };
}

http::AsyncHandler HttpOtp::with_key(Read read) {
  return keys_.require(api_scope,
                       [this, read](const http::Request& request, const security::ApiKey& key, http::Reply reply) {
                         on_post(read, request, "api:" + key.owner, std::move(reply));
                       });
}

// A service that calls with its key and hands no address on is no end user: its own address has no limit.
std::string HttpOtp::counted_address(const http::Request& request) {
  proxy_warning_.look_at(request);
  if (!settings_.is_public && !is_trusted_proxy(request.peer, settings_.trusted_proxies)) return {};
  return client_address(request, settings_.trusted_proxies);
}

void HttpOtp::on_post(Read read, const http::Request& request, std::string asked_by, http::Reply reply) {
  const SteadyTime asked_at = platform_.clock.steady();
  auto asked = read(request);
  if (!asked) return reply(openly_refused(asked.error()));
  asked->client_address = counted_address(request);
  asked->asked_by = std::move(asked_by);
  const auto waiting = std::make_shared<http::Reply>(std::move(reply));
  // What the answer is made of; the rest of the request goes with it.
  OtpRequest answered;
  answered.kind = asked->kind;
  asked->answer = [this, asked_at, waiting, answered](OtpAnswer answer) {
    ticks_.answer(asked_at, std::move(*waiting), response_to(answered, answer, settings_.rules.step_up_ttl));
  };
  if (!requests_.offer(std::move(*asked)))
    (*waiting)(unavailable("OTP_QUEUE_FULL", "too many requests wait to be stored; send this one again"));
}

http::Response HttpOtp::verified(const http::Request& request) {
  const auto recipient = read_recipient(request);
  if (!recipient) return openly_refused(recipient.error());
  pg::Array hashes;
  hashes.add(platform_.sealer.reference(*recipient));
  for (const std::string& older : platform_.sealer.older_references(*recipient)) hashes.add(older);
  auto connection = pool_.take();
  const auto rows = connection->run(otp_sql::find_verified, pg::Params().add(std::move(hashes)));
  if (rows.empty()) return http::json(200, R"({"verified":false})");
  return http::json(
      200, "{\"verified\":true,\"verified_at\":" + http::json_string(to_rfc3339(pg::to_utc(rows[0][0].c_str()))) + "}");
}

}  // namespace carillon::otp
