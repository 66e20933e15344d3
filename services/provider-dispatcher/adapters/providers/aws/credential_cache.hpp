// Credentials that expire, fetched once for all callers and again before they expire.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "http/runtime.hpp"
#include "provider-dispatcher/adapters/providers/aws/credential_source.hpp"

namespace carillon::dispatcher::aws {

struct CredentialLimits {
  std::chrono::seconds refresh_before{300};   // of their end
  std::chrono::seconds unusable_before{10};   // of their end: a call signed now might arrive too late
  std::chrono::seconds refresh_pause{5};      // between two fetches, whatever they brought
  std::chrono::milliseconds wait_max{4'000};  // of a caller for a fetch; the rest of a call's 10 s is for the call
  std::size_t waiting_max = 10'000;           // callers at once; more are refused
};

// Thread-safe; the mutex is never held during a fetch or a callback. Lives until its fetch has been answered.
class CredentialCache : public std::enable_shared_from_this<CredentialCache> {
 public:
  using Done = std::function<void(Result<Credentials>)>;
  // `io` must live until every caller has been answered.
  CredentialCache(std::unique_ptr<CredentialSource> source, http::Runtime& io, CredentialLimits limits = {});

  // `done` comes exactly once, within wait_max, perhaps before this returns. Usable credentials are handed out at once,
  // also while new ones are being fetched or when that failed; without them the caller waits for the one fetch that
  // runs. After a failed fetch callers get its failure until refresh_pause is over.
  void get(UtcTime now, Done done);
  // AWS has refused a call signed with this key: others are fetched with the next call, though its end is far, but not
  // before refresh_pause is over. Says nothing about a key that is no longer the current one.
  void doubt(const std::string& access_key_id);

 private:
  void fetch();
  void fetched(Result<IssuedCredentials> result);
  void give_up(std::uint64_t waiter);
  bool is_usable(UtcTime now) const;  // with mutex_
  bool is_due(UtcTime now) const;     // with mutex_

  const std::unique_ptr<CredentialSource> source_;
  http::Runtime& io_;
  const CredentialLimits limits_;

  std::mutex mutex_;  // guards all below
  std::optional<IssuedCredentials> issued_;
  std::optional<Failure> failure_;  // of the last fetch
  std::optional<UtcTime> fetch_begun_;
  bool fetching_ = false;
  bool doubted_ = false;  // the issued ones
  std::uint64_t next_waiter_ = 0;
  std::map<std::uint64_t, Done> waiters_;
};

}  // namespace carillon::dispatcher::aws
