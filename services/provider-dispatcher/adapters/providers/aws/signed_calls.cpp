#include "provider-dispatcher/adapters/providers/aws/signed_calls.hpp"

#include <algorithm>
#include <array>

namespace carillon::dispatcher::aws {
namespace {

constexpr std::chrono::milliseconds call_timeout_min{1};

// https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html; 400 is where older services say it.
bool refuses_credentials(const http::Answer& answer) {
  constexpr std::array codes{"ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException"};
  if (answer.status != 403 && answer.status != 401 && answer.status != 400) return false;
  const std::string_view type = http::field(answer.headers, "x-amzn-errortype");
  return std::ranges::any_of(codes, [&](std::string_view code) {
    return type.starts_with(code) || answer.body.find(code) != std::string::npos;
  });
}

std::vector<std::string> secrets_of(const http::Call& call, const Credentials& credentials) {
  std::vector<std::string> secrets{credentials.secret_access_key, credentials.access_key_id};
  if (!credentials.session_token.empty()) secrets.push_back(credentials.session_token);
  const std::string_view authorization = http::field(call.headers, "Authorization");
  secrets.emplace_back(authorization.substr(authorization.rfind('=') + 1));
  return secrets;
}

}  // namespace

SignedCalls::SignedCalls(AwsSettings settings, http::Client& http, http::Runtime& io, CredentialLimits limits)
    : settings_(std::move(settings)),
      http_(http),
      credentials_(std::make_shared<CredentialCache>(make_credential_source(settings_, http), io, limits)) {}

void SignedCalls::call(http::Call call, const std::string& service, UtcTime now, Done done) const {
  const SteadyTime begun = std::chrono::steady_clock::now();
  credentials_->get(
      now, [&http = http_, cache = credentials_, scope = SigningScope{settings_.region, service},
            call = std::move(call), now, begun, done = std::move(done)](Result<Credentials> credentials) mutable {
        if (!credentials) return done(credentials.error());
        const auto waited = std::chrono::steady_clock::now() - begun;
        call.timeout =
            std::max(call_timeout_min, call.timeout - std::chrono::duration_cast<std::chrono::milliseconds>(waited));
        sign(call, *credentials, scope, now);
        auto secrets = secrets_of(call, *credentials);
        http.call(std::move(call), [cache, key = credentials->access_key_id, secrets = std::move(secrets),
                                    done = std::move(done)](http::Answer answer) {
          if (refuses_credentials(answer)) cache->doubt(key);
          done(SignedAnswer{std::move(answer), secrets});
        });
      });
}

Outcome outcome_without_credentials(const Failure& failure) {
  Outcome outcome;
  outcome.kind = OutcomeKind::ACCOUNT;
  outcome.reason = Reason::AUTHENTICATION;
  outcome.provider_code = failure.code;
  outcome.detail = "no AWS credentials: " + failure.detail;
  return outcome;
}

}  // namespace carillon::dispatcher::aws
