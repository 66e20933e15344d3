// Routes: which handler answers what. Filled at start-up, then read by all threads.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/message.hpp"

namespace carillon::http {

// Completes one request from any thread, exactly once; dropping it unanswered answers 500. Move-only.
class Reply {
 public:
  explicit Reply(std::function<void(Response)> send);
  ~Reply();
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  void operator()(Response response);

 private:
  std::function<void(Response)> send_;
};

// Runs on the server's worker pool (bounded; full → 503 with Retry-After), may block on the database.
// pg::Unavailable and other exceptions are mapped by the server's `on_exception`.
using Handler = std::function<Response(const Request&)>;
// Runs on an I/O thread; must not block; answers through `reply`, now or later.
using AsyncHandler = std::function<void(Request&&, Reply)>;
// Looks at a request before its handler does (authentication); a response ends it. Runs where the handler runs.
using Guard = std::function<std::optional<Response>(const Request&)>;

struct Route {
  Method method;
  std::string pattern;      // "/api/notifications/{id}"; a last "{path...}" takes the rest
  Handler handler;          // one of the two is set
  AsyncHandler async;
  Guard guard;              // may be empty
};

class Router {
 public:
  void add(Method method, std::string pattern, Handler handler, Guard guard = {});
  void add_async(Method method, std::string pattern, AsyncHandler handler, Guard guard = {});
  // Fills request.params. nullptr: no such path (404) or, with `path_known` set, another method is there (405).
  const Route* find(Request& request, bool& path_known, std::string& allowed_methods) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace carillon::http
