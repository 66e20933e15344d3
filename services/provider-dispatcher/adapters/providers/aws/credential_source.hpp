// Where credentials are fetched from: keys of the settings, STS with a web identity, the container, the EC2 instance.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/aws/settings.hpp"
#include "provider-dispatcher/adapters/providers/aws/sigv4.hpp"
#include "values/result.hpp"

namespace carillon::dispatcher::aws {

struct IssuedCredentials {
  Credentials credentials;
  std::optional<UtcTime> expires_at;  // nullopt: never
};

class CredentialSource {
 public:
  using Done = std::function<void(Result<IssuedCredentials>)>;
  virtual ~CredentialSource() = default;
  // Returns at once; `done` comes exactly once, at the latest after three fetch_step_timeouts, on any thread, also when
  // the source has ended by then. The failure's detail says who refused and why, without secrets.
  virtual void fetch(Done done) = 0;
};

inline constexpr std::chrono::milliseconds fetch_connect_timeout{1'000};
inline constexpr std::chrono::milliseconds fetch_step_timeout{3'000};  // one HTTP call; EC2 takes three
inline constexpr std::size_t fetched_answer_bytes_max = 64 * 1024;
inline constexpr std::size_t token_file_bytes_max = 20'000;  // STS, WebIdentityToken

// For settings without a missing name. `http` must live until every fetch has been answered. A token file is read on
// the calling thread.
std::unique_ptr<CredentialSource> make_credential_source(const AwsSettings& settings, http::Client& http);

}  // namespace carillon::dispatcher::aws
