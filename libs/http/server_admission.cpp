// Who may send a large body is asked before it is read: only so many are taken at once, and whoever is refused anyway
// must not hold a place. The route's guard sees the header alone, and later the whole request like any other guard.
#include "http/detail/server_connection.hpp"
#include "http/detail/trace_context.hpp"

namespace carillon::http::detail {
namespace {

std::optional<Response> run_guard(const ServerShared& shared, const Route& route, Request& request) {
  try {
    return route.guard(request);
  } catch (...) {
    return answer_to_exception(shared, request);
  }
}

}  // namespace

void ServerConnection::ask_guard() {
  const Route* route = nullptr;
  set_trace(parser_->request, parser_->traceparent);
  if (auto answer = answer_without_handler(*parser_, route)) return refuse_request(std::move(*answer), route);
  asking_ = true;
  if (!route->guard) return admitted(std::nullopt, route);
  auto header = std::make_shared<Request>(parser_->request);
  if (route->async) return admitted(run_guard(*shared_, *route, *header), route);
  auto work = make_task(
      [shared = shared_, route, header = std::move(header), inbox = home_.loop.inbox(), connection = weak_from_this()] {
        auto task = make_task([connection, route, refusal = run_guard(*shared, *route, *header)]() mutable {
          if (const auto open = connection.lock()) open->guard_answered(std::move(refusal), route);
        });
        inbox->submit(task);
      });
  if (shared_->workers.try_submit(std::move(work))) return;
  Response busy = problem(503, "OVERLOADED", "Too many requests are waiting; try again soon.");
  busy.headers.emplace_back("Retry-After", "1");
  admitted(std::move(busy), route);
}

void ServerConnection::guard_answered(std::optional<Response> refusal, const Route* route) {
  if (!asking_ || stage_ == Stage::CLOSED) return;
  now_ = std::chrono::steady_clock::now();
  admitted(std::move(refusal), route);
  advance();
}

void ServerConnection::admitted(std::optional<Response> refusal, const Route* route) {
  asking_ = false;
  if (parse_ended_ || !parser_) return;  // the connection ends with an earlier request's answer
  if (refusal) return refuse_request(std::move(*refusal), route);
  parser_->eager(true);
  enter(Stage::BODY);  // its time begins now
}

}  // namespace carillon::http::detail
