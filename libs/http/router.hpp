// Routes: which handler answers what. Filled at start-up, then read by all threads.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  void operator()(Response response);  // a second call does nothing

 private:
  std::function<void(Response)> send_;
};

// Runs on the server's worker pool (bounded; full → 503 with Retry-After), may block on the database.
// pg::Unavailable and other exceptions are mapped by the server's `on_exception`.
using Handler = std::function<Response(const Request&)>;
// Runs on an I/O thread; must not block; answers through `reply`, now or later.
using AsyncHandler = std::function<void(Request&&, Reply)>;
// Looks at a request before its handler does (authentication); a response ends it. It may leave what it found in
// request.params. Runs where the handler runs. Of a large body it is asked twice: before the body is read, with the
// header alone, and again with the whole request.
using Guard = std::function<std::optional<Response>(Request&)>;

struct Route {
  Method method;
  std::string pattern;  // "/api/notifications/{id}"; a last "{path...}" takes the rest
  Handler handler;      // one of the two is set
  AsyncHandler async;
  Guard guard;  // may be empty
};

// Paths match segment by segment, after percent-decoding (so an encoded '/' parts segments); a parameter is never
// empty, a rest may be. Literal segments win over parameters, these over a rest. HEAD goes to the GET route where it
// has none.
class Router {
 public:
  // Throws std::logic_error for a malformed pattern and for a second route of the same method and shape.
  void add(Method method, std::string pattern, Handler handler, Guard guard = {});
  void add_async(Method method, std::string pattern, AsyncHandler handler, Guard guard = {});
  // Bodies for this path, which has no parameters, may be larger than the server's body_bytes_max, but only
  // large_bodies_max of them are taken at once. Throws std::logic_error for a pattern with parameters.
  void allow_large_body(Method method, std::string pattern, std::size_t body_bytes_max);
  // What a request line promises before anything is decoded; nullopt: the server's own limit.
  std::optional<std::size_t> large_body_bytes_max(Method method, std::string_view target) const;
  // Fills request.params. nullptr: no such path (404) or, with `path_known` set, another method is there (405).
  const Route* find(Request& request, bool& path_known, std::string& allowed_methods) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Segment {
    enum class Kind { LITERAL, PARAMETER, REST } kind;
    std::string text;
  };
  struct Entry {
    std::vector<Segment> segments;
    std::size_t route;
  };
  struct LargeBody {
    Method method;
    std::string path;
    std::size_t bytes_max;
  };
  static std::vector<Segment> parse(std::string_view pattern);
  static bool matches(const Entry& entry, const std::vector<std::string_view>& parts);
  void insert(Route route);

  std::vector<Route> routes_;
  std::vector<Entry> entries_;                                             // patterns with parameters, best match first
  std::map<std::string, std::vector<std::size_t>, std::less<>> literals_;  // whole path -> routes
  std::vector<LargeBody> large_bodies_;
};

}  // namespace carillon::http
