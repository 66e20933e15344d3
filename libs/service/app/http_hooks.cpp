#include "service/app/http_hooks.hpp"

#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "http/method_name.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/tracing.hpp"
#include "time/clock.hpp"

namespace carillon::service {
namespace {

struct StringHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

// Handles by route, so that an answer costs one shared lock and no look-up in the registry. Bounded by the number of
// routes, methods and statuses.
class AnswerMetrics {
 public:
  explicit AnswerMetrics(metrics::Registry& registry) : registry_(registry) {}

  void count(std::string_view route, http::Method method, int status, std::chrono::microseconds took) {
    if (route.empty()) route = "none";
    const double seconds = std::chrono::duration<double>(took).count();
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = routes_.find(route); found != routes_.end()) {
        if (const auto counter = found->second.answers.find({method, status}); counter != found->second.answers.end()) {
          counter->second.add();
          found->second.seconds.observe(seconds);
          return;
        }
      }
    }
    const std::unique_lock lock(mutex_);
    OfRoute& of_route = routes_.try_emplace(std::string(route)).first->second;
    const std::string label(route);
    of_route.seconds =
        registry_.histogram("carillon_http_request_seconds", "Time from request to answer.", {{"route", label}});
    of_route.seconds.observe(seconds);
    auto& counter = of_route.answers[{method, status}];
    counter = registry_.counter(
        "carillon_http_requests_total", "Answered HTTP requests.",
        {{"route", label}, {"method", http::method_name(method)}, {"status", std::to_string(status)}});
    counter.add();
  }

 private:
  struct OfRoute {
    metrics::Histogram seconds;
    std::map<std::pair<http::Method, int>, metrics::Counter> answers;
  };
  metrics::Registry& registry_;
  std::shared_mutex mutex_;  // guards routes_
  std::unordered_map<std::string, OfRoute, StringHash, std::equal_to<>> routes_;
};

// The request's own span: what is handed on names it as the parent.
void record_span(const http::Request& request, int status, std::string_view route, std::chrono::microseconds took) {
  using tracing::Kind;
  tracing::Span span = tracing::child_of(
      request.traceparent, std::string(http::method_name(request.method)) + " " + std::string(route), Kind::SERVER);
  span.span_id = std::exchange(span.parent_span_id, {});
  const std::string_view caller = http::field(request.headers, "traceparent");
  if (caller.find(span.trace_id) != std::string_view::npos)
    span.parent_span_id = tracing::child_of(caller, {}, Kind::SERVER).parent_span_id;
  span.ended = SystemClock().now();
  span.began = span.ended - took;
  span.attributes = {{"http.request.method", http::method_name(request.method)},
                     {"http.route", std::string(route)},
                     {"http.response.status_code", std::to_string(status)}};
  span.failed = status >= 500;
  tracing::record(std::move(span), request.traceparent);
}

http::Response retry_later(std::string_view code, std::string_view detail, const char* retry_after_seconds) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", retry_after_seconds);
  return response;
}

http::Response answer_for(const http::Request& request, const std::exception_ptr& thrown) {
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const pg::Unavailable& failure) {
    log::warn("database_unavailable", {{"path", request.path}, {"error", failure.what()}}, request.trace_id);
    return retry_later("DATABASE_UNAVAILABLE",
                       "the database can't be reached; nothing was stored unless a retry says so", "2");
  } catch (const pg::Conflict& failure) {
    log::info("database_conflict", {{"path", request.path}, {"error", failure.what()}}, request.trace_id);
    return retry_later("DATABASE_CONFLICT", "another request changed the same data; try again", "1");
  } catch (const std::exception& failure) {
    what = failure.what();
  } catch (...) {  // NOLINT: what is not a std::exception has no text
  }
  log::error("request_failed", {{"method", http::method_name(request.method)}, {"path", request.path}, {"error", what}},
             request.trace_id);
  return http::problem(500, "INTERNAL_ERROR", "an internal error; the log has it under trace id " + request.trace_id);
}

}  // namespace

http::ServerHooks make_http_hooks(metrics::Registry& registry) {
  http::ServerHooks hooks;
  hooks.on_answer = [counted = std::make_shared<AnswerMetrics>(registry)](
                        const http::Request& request, const http::Response& response, std::string_view route,
                        std::chrono::microseconds took) {
    counted->count(route, request.method, response.status, took);
    if (tracing::is_on()) record_span(request, response.status, route, took);
    // The pattern, not the path: paths hold ids.
    log::debug("http_answered",
               {{"method", http::method_name(request.method)},
                {"route", route},
                {"status", response.status},
                {"took_us", took.count()}},
               request.trace_id);
  };
  hooks.on_exception = answer_for;
  return hooks;
}

}  // namespace carillon::service
