#include "provider-dispatcher/adapters/providers/aws/credential_cache.hpp"

namespace carillon::dispatcher::aws {
namespace {

Failure unavailable(std::string why) {
  return {"AWS_CREDENTIALS_UNAVAILABLE", std::move(why)};
}

}  // namespace

CredentialCache::CredentialCache(std::unique_ptr<CredentialSource> source, http::Runtime& io, CredentialLimits limits)
    : source_(std::move(source)), io_(io), limits_(limits) {}

bool CredentialCache::is_usable(UtcTime now) const {
  return issued_ && (!issued_->expires_at || now < *issued_->expires_at - limits_.unusable_before);
}

bool CredentialCache::is_due(UtcTime now) const {
  const bool fresh = issued_ && (!issued_->expires_at || now < *issued_->expires_at - limits_.refresh_before);
  if (fresh && !doubted_) return false;
  // A clock that was set back must not lengthen the pause.
  return !fetch_begun_ || now < *fetch_begun_ || now >= *fetch_begun_ + limits_.refresh_pause;
}

void CredentialCache::get(UtcTime now, Done done) {
  std::optional<Result<Credentials>> answer;
  std::uint64_t waiter = 0;
  bool begin_fetch = false;
  {
    const std::lock_guard lock(mutex_);
    begin_fetch = !fetching_ && is_due(now);
    if (begin_fetch) {
      fetching_ = true;
      fetch_begun_ = now;
    }
    if (is_usable(now)) {
      answer = issued_->credentials;
    } else if (!fetching_) {
      answer =
          failure_ ? *failure_ : unavailable("AWS credentials have expired, and none were issued that last longer");
    } else if (waiters_.size() >= limits_.waiting_max) {
      answer = unavailable("too many calls wait for AWS credentials");
    } else {
      waiter = next_waiter_++;
      waiters_.emplace(waiter, std::move(done));
    }
  }
  if (answer) done(std::move(*answer));
  // A source that answers at once needs no timer: who waited has been answered before fetch() returns.
  if (begin_fetch) fetch();
  if (answer) return;
  {
    const std::lock_guard lock(mutex_);
    if (waiters_.find(waiter) == waiters_.end()) return;
  }
  io_.after(limits_.wait_max, [weak = weak_from_this(), waiter] {
    if (const auto self = weak.lock()) self->give_up(waiter);
  });
}

void CredentialCache::doubt(const std::string& access_key_id) {
  const std::lock_guard lock(mutex_);
  doubted_ = doubted_ || (issued_ && issued_->credentials.access_key_id == access_key_id);
}

void CredentialCache::fetch() {
  source_->fetch([self = shared_from_this()](Result<IssuedCredentials> result) { self->fetched(std::move(result)); });
}

void CredentialCache::fetched(Result<IssuedCredentials> result) {
  std::map<std::uint64_t, Done> waiters;
  Result<Credentials> answer = unavailable("");
  {
    const std::lock_guard lock(mutex_);
    fetching_ = false;
    waiters.swap(waiters_);
    if (result) {
      issued_ = std::move(*result);
      doubted_ = false;
      failure_.reset();
      answer = issued_->credentials;
    } else {
      failure_ = result.error();
      answer = result.error();
    }
  }
  for (const auto& [id, done] : waiters) done(answer);
}

void CredentialCache::give_up(std::uint64_t waiter) {
  Done done;
  {
    const std::lock_guard lock(mutex_);
    const auto found = waiters_.find(waiter);
    if (found == waiters_.end()) return;
    done = std::move(found->second);
    waiters_.erase(found);
  }
  done(unavailable("AWS credentials did not come within " + std::to_string(limits_.wait_max.count()) + " ms"));
}

}  // namespace carillon::dispatcher::aws
