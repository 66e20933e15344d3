// From a whole request to the handler, and from its reply back to the connection.
#include <exception>

#include "http/detail/response_text.hpp"
#include "http/detail/server_connection.hpp"
#include "http/detail/trace_context.hpp"
#include "http/url.hpp"

namespace carillon::http::detail {
namespace {

Response default_answer_to_exception() {
  return problem(500, "INTERNAL_ERROR", "The request could not be handled.");
}

std::unique_ptr<Task> completion(std::weak_ptr<ServerConnection> connection, std::uint64_t serial, Response response) {
  return make_task([connection = std::move(connection), serial, response = std::move(response)]() mutable {
    if (const auto open = connection.lock()) open->complete(serial, std::move(response));
  });
}

// What is left of a request that was handed to an asynchronous handler, for the on_answer hook.
std::shared_ptr<Request> remembered(const Request& request) {
  auto copy = std::make_shared<Request>();
  copy->method = request.method;
  copy->target = request.target;
  copy->path = request.path;
  copy->peer = request.peer;
  copy->trace_id = request.trace_id;
  copy->traceparent = request.traceparent;
  if (const auto caller = field(request.headers, "traceparent"); !caller.empty())
    copy->headers = {{"traceparent", std::string(caller)}};
  return copy;
}

}  // namespace

Response answer_to_exception(const ServerShared& shared, const Request& request) {
  if (!shared.hooks.on_exception) return default_answer_to_exception();
  try {
    return shared.hooks.on_exception(request, std::current_exception());
  } catch (...) {  // the hook failed too
    return default_answer_to_exception();
  }
}

Response run_route(const ServerShared& shared, const Route& route, Request& request) {
  try {
    if (route.guard) {
      if (auto refused = route.guard(request)) return std::move(*refused);
    }
    return route.handler(request);
  } catch (...) {
    return answer_to_exception(shared, request);
  }
}

void ServerConnection::dispatch() {
  RequestParser& parsed = *parser_;
  const Route* route = nullptr;
  Slot slot{.started = now_, .keep_alive = parsed.keep_alive(), .http_1_0 = parsed.version < 11};
  set_trace(parsed.request, parsed.traceparent);
  if (auto answer = answer_without_handler(parsed, route)) {
    slot.response = std::move(*answer);
    slot.ready = true;
    // A client that waits for "100 Continue" may or may not send its body after this.
    if (parsed.expects_other) slot.keep_alive = false;
  }
  slot.route = route;
  slot.request = std::make_shared<Request>(std::move(parsed.request));
  parse_ended_ = !slot.keep_alive;
  parser_.reset();
  continue_sent_ = false;
  enter(Stage::IDLE);
  const std::uint64_t serial = first_serial_ + slots_.size();
  slots_.push_back(std::move(slot));
  if (!slots_.back().ready) call_handler(slots_.back(), serial);
}

std::optional<Response> ServerConnection::answer_without_handler(RequestParser& parsed, const Route*& route) const {
  if (parsed.hosts > 1 || (parsed.hosts == 0 && parsed.version >= 11)) {
    return problem(400, "MALFORMED_REQUEST", "Exactly one Host header is needed.");
  }
  if (!parsed.method_known) return problem(501, "METHOD_NOT_IMPLEMENTED", "This method is not known here.");
  if (parsed.expects_other) return problem(417, "EXPECTATION_FAILED", "Only Expect: 100-continue can be met.");
  if (!split_target(parsed.request)) {
    return problem(400, "MALFORMED_TARGET", "The path or query is not percent-encoded UTF-8 without U+0000.");
  }
  bool path_known = false;
  std::string allowed;
  route = shared_->router.find(parsed.request, path_known, allowed);
  if (route != nullptr) return std::nullopt;
  if (!path_known) return problem(404, "NOT_FOUND", "There is nothing at this path.");
  Response response = problem(405, "METHOD_NOT_ALLOWED", "This path takes other methods: " + allowed + ".");
  response.headers.emplace_back("Allow", allowed);
  return response;
}

Reply ServerConnection::reply_to(std::uint64_t serial) {
  return Reply([inbox = home_.loop.inbox(), loop = &home_.loop, connection = weak_from_this(), serial,
                unwinding = std::uncaught_exceptions()](Response response) {
    if (Loop::is_current(loop)) {
      // Dropped because the handler threw: call_async() answers that.
      if (std::uncaught_exceptions() > unwinding) return;
      if (const auto open = connection.lock()) open->complete(serial, std::move(response));
      return;
    }
    auto task = completion(connection, serial, std::move(response));
    inbox->submit(task);
  });
}

void ServerConnection::call_handler(Slot& slot, std::uint64_t serial) {
  if (slot.route->async) return call_async(slot, serial);
  const auto inbox = home_.loop.inbox();
  auto work = make_task(
      [shared = shared_, route = slot.route, request = slot.request, serial, inbox, connection = weak_from_this()] {
        auto task = completion(connection, serial, run_route(*shared, *route, *request));
        inbox->submit(task);
      });
  if (shared_->workers.try_submit(std::move(work))) return;
  slot.response = problem(503, "OVERLOADED", "Too many requests are waiting; try again soon.");
  slot.response.headers.emplace_back("Retry-After", "1");
  slot.ready = true;
}

void ServerConnection::call_async(Slot& slot, std::uint64_t serial) {
  const std::shared_ptr<Request> request = std::exchange(slot.request, remembered(*slot.request));
  const std::shared_ptr<Request> about = slot.request;
  const Route& route = *slot.route;
  try {
    if (route.guard) {
      if (auto refused = route.guard(*request)) return complete(serial, std::move(*refused));
    }
    route.async(std::move(*request), reply_to(serial));
  } catch (...) {
    complete(serial, answer_to_exception(*shared_, *about));
  }
}

}  // namespace carillon::http::detail
