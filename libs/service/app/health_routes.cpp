#include "service/app/health_routes.hpp"

#include <memory>
#include <mutex>

#include "postgres/errors.hpp"

namespace carillon::service {
namespace {

constexpr std::chrono::seconds postgres_answer_lifetime{1};
constexpr std::chrono::milliseconds pool_wait{500};

struct PostgresAnswer {
  std::mutex asking;  // held by the one thread that asks
  std::mutex mutex;   // guards what follows
  std::optional<std::string> missing = "PostgreSQL was not asked yet";
  std::optional<SteadyTime> asked;
};

std::optional<std::string> ask(pg::Pool& pool) {
  try {
    pool.take(pool_wait)->run("SELECT 1");
    return std::nullopt;
  } catch (const std::exception& failure) {
    return std::string("PostgreSQL can't be used; check CARILLON_DATABASE_URL and the server: ") + failure.what();
  }
}

std::optional<std::string> missing_of(const ReadyCheck& check) {
  try {
    return check.missing();
  } catch (const std::exception& failure) {
    return std::string("the check itself failed: ") + failure.what();
  }
}

// So that an alert can name what is missing.
void set_ready_gauges(metrics::Registry& registry, const std::vector<ReadyCheck>& checks) {
  for (const ReadyCheck& check : checks) {
    registry
        .gauge("carillon_ready", "1: this check of /readyz is content, 0: it says what is missing",
               {{"check", check.name}})
        .set(missing_of(check) ? 0 : 1);
  }
}

http::Response ready_answer(const std::vector<ReadyCheck>& checks) {
  bool all_ready = true;
  std::string list;
  for (const ReadyCheck& check : checks) {
    const std::optional<std::string> missing = missing_of(check);
    all_ready = all_ready && !missing;
    list += (list.empty() ? "" : ",") + ("{\"name\":" + http::json_string(check.name)) +
            ",\"ready\":" + (missing ? "false" : "true") +
            ",\"missing\":" + (missing ? http::json_string(*missing) : std::string("null")) + "}";
  }
  return http::json(all_ready ? 200 : 503, std::string("{\"status\":\"") + (all_ready ? "ready" : "not_ready") +
                                               "\",\"checks\":[" + list + "]}");
}

}  // namespace

ReadyCheck postgres_check(pg::Pool& pool, const Clock& clock) {
  auto answer = std::make_shared<PostgresAnswer>();
  return {"postgres", [&pool, &clock, answer]() -> std::optional<std::string> {
            std::unique_lock asking(answer->asking, std::defer_lock);
            {
              const std::lock_guard lock(answer->mutex);
              const bool fresh = answer->asked && clock.steady() < *answer->asked + postgres_answer_lifetime;
              if (fresh || (answer->asked && !asking.try_lock())) return answer->missing;
            }
            if (!asking.owns_lock()) asking.lock();  // the first answer is worth waiting for
            std::optional<std::string> missing = ask(pool);
            const std::lock_guard lock(answer->mutex);
            answer->missing = missing;
            answer->asked = clock.steady();
            return missing;
          }};
}

void add_health_routes(http::Router& router, metrics::Registry& registry, std::vector<ReadyCheck> checks) {
  // Answered on the I/O thread: a process whose workers all wait for the database is still alive.
  router.add_async(http::Method::GET, "/healthz",
                   [](http::Request&&, http::Reply reply) { reply(http::json(200, "{\"status\":\"alive\"}")); });
  router.add(http::Method::GET, "/readyz", [checks](const http::Request&) { return ready_answer(checks); });
  router.add(http::Method::GET, "/metrics", [&registry, checks = std::move(checks)](const http::Request&) {
    set_ready_gauges(registry, checks);
    return http::Response{200, "text/plain; version=0.0.4; charset=utf-8", registry.expose(), {}};
  });
}

}  // namespace carillon::service
