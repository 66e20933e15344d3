// Bodies of the OTP routes. What is not a JSON object is refused openly; everything else that is wrong with a request
// is noted in it, for its caller gets the same answer as everybody.
#pragma once
#include "http/message.hpp"
#include "otp/app/otp_request.hpp"
#include "values/result.hpp"

namespace carillon::otp {

// Failure UNSUPPORTED_MEDIA_TYPE or MALFORMED_JSON. `refused` of the request names what else is wrong, by field.
Result<OtpRequest> read_send(const http::Request& request);
Result<OtpRequest> read_verify(const http::Request& request);
// {"token", "phone_number"}
Result<OtpRequest> read_redeem(const http::Request& request);
// {"phone_number"} or {"email"}: the recipient in normal form. Failure INVALID_FIELD too.
Result<std::string> read_recipient(const http::Request& request);

}  // namespace carillon::otp
