// The OTP routes: send, verify, step-up tokens, whether a recipient is verified, and the retired routes. Parsing
// happens on the I/O thread, the commit on AnswerRequests' thread; answers leave on ticks.
#pragma once
#include "http/router.hpp"
#include "limits/proxy_warning.hpp"
#include "otp/adapters/answer_ticks.hpp"
#include "otp/app/answer_requests.hpp"
#include "otp/settings.hpp"
#include "postgres/pool.hpp"
#include "service/key_check.hpp"
#include "service/service.hpp"

namespace carillon::otp {

inline constexpr const char* api_scope = "otp";

class HttpOtp {
 public:
  HttpOtp(const OtpSettings& settings, AnswerRequests& requests, pg::Pool& pool, service::Platform& platform);
  void routes(http::Router& router);
  void start();
  void stop();

 private:
  using Read = Result<OtpRequest> (*)(const http::Request&);
  http::AsyncHandler open_to_all(Read read);
  http::AsyncHandler with_key(Read read);
  void on_post(Read read, const http::Request& request, std::string asked_by, http::Reply reply);
  std::string counted_address(const http::Request& request);
  http::Response verified(const http::Request& request);

  const OtpSettings& settings_;
  ProxyWarning proxy_warning_{"OTP_TRUSTED_PROXIES", settings_.trusted_proxies};
  AnswerRequests& requests_;
  pg::Pool& pool_;
  service::Platform& platform_;
  service::KeyCheck keys_;
  AnswerTicks ticks_;
};

}  // namespace carillon::otp
