// Calls to AWS with the credentials of the settings: fetched when they are needed, signed, sent. One object serves all
// clients of AWS in a process. Thread-safe.
#pragma once
#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/aws/credential_cache.hpp"
#include "provider-dispatcher/adapters/providers/aws/settings.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::aws {

struct SignedAnswer {
  http::Answer answer;
  std::vector<std::string> secrets;  // what must not be seen of the call, for safe_detail
};

class SignedCalls {
 public:
  // A Failure means that nothing was written: there were no credentials.
  using Done = std::function<void(Result<SignedAnswer>)>;
  // `http` and `io` must live until every call has been answered.
  SignedCalls(AwsSettings settings, http::Client& http, http::Runtime& io, CredentialLimits limits = {});

  const AwsSettings& settings() const { return settings_; }
  // `service` is the signing name. `done` comes exactly once, on an I/O thread or before this returns, also when this
  // object has ended by then; within call.timeout, to which the wait for credentials counts (CredentialLimits::wait_max
  // if that is longer).
  void call(http::Call call, const std::string& service, UtcTime now, Done done) const;

 private:
  const AwsSettings settings_;
  http::Client& http_;
  const std::shared_ptr<CredentialCache> credentials_;
};

// The outcome of a message for which there were no credentials. Its detail is our own text, without secrets.
Outcome outcome_without_credentials(const Failure& failure);

}  // namespace carillon::dispatcher::aws
