// AWS Signature Version 4 in the Authorization header, for services other than S3
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html). Pure.
#pragma once
#include <string>

#include "http/client.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // "" for keys that don't expire
};

struct SigningScope {
  std::string region;   // "us-east-1"
  std::string service;  // the signing name: "ses", "sns"
};

// Adds X-Amz-Date, X-Amz-Security-Token (with a session token) and Authorization to call.headers, in place of those
// already there. Signed are method, path, query, host, body and every header except those that a client or proxy sets
// itself, so only these may change afterwards. AWS refuses a signature whose `now` is off by more than 5 minutes.
void sign(http::Call& call, const Credentials& credentials, const SigningScope& scope, UtcTime now);

}  // namespace carillon::dispatcher::aws
