#include "service/key_check.hpp"

#include "postgres/errors.hpp"
#include "service/access.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::service {
namespace {

constexpr std::size_t lookups_max = 1'024;

http::Response unavailable(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

void KeyCheck::Guarded::go_on(const http::Request& request, const std::optional<security::ApiKey>& key,
                              http::Reply reply) const {
  if (auto refused = refusal(key, scope)) return reply(std::move(*refused));
  handler(request, *key, std::move(reply));
}

http::AsyncHandler KeyCheck::require(std::string scope, Handler handler) {
  const auto guarded = std::make_shared<const Guarded>(Guarded{std::move(scope), std::move(handler)});
  return [this, guarded](http::Request&& request, http::Reply reply) {
    const std::string_view token = bearer_token(request);
    if (token.empty()) return guarded->go_on(request, std::nullopt, std::move(reply));
    if (const auto known = keys_.cached(token)) return guarded->go_on(request, *known, std::move(reply));
    {
      const std::lock_guard lock(mutex_);
      if (running_ && waiting_.size() < lookups_max) {
        waiting_.push_back({std::move(request), std::move(reply), guarded});
        arrived_.notify_one();
        return;
      }
    }
    reply(unavailable("BUSY", "too many requests wait for their API key to be checked"));
  };
}

void KeyCheck::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { look_up(); });
}

void KeyCheck::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  arrived_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (Waiting& each : waiting_)
    each.reply(unavailable("STOPPING", "this instance is stopping; send the request again"));
  waiting_.clear();
}

void KeyCheck::look_up() {
  name_this_thread("api-key-lookup");
  while (true) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return !running_ || !waiting_.empty(); });
    if (!running_) return;
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    std::optional<security::ApiKey> key;
    try {
      key = keys_.check(bearer_token(next.request));
    } catch (const pg::Unavailable&) {
      next.reply(unavailable("DATABASE_UNAVAILABLE", "the API key can't be checked now"));
      continue;
    } catch (const std::exception& error) {
      log::error("API_KEY_CHECK_FAILED", {{"error", error.what()}});
      next.reply(http::problem(500, "INTERNAL_ERROR", "the API key can't be checked"));
      continue;
    }
    next.guarded->go_on(next.request, key, std::move(next.reply));
  }
}

}  // namespace carillon::service
