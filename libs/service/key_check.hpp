// API keys for async routes: a key in the cache is judged at once, any other is looked up on a thread of this object,
// so that an I/O thread never waits for the database. Lookups that wait are bounded; beyond it 503.
//
// Thread-safe. The handler runs on the I/O thread or on the lookup thread and must not block.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "http/router.hpp"
#include "security/api_keys.hpp"

namespace carillon::service {

class KeyCheck {
 public:
  using Handler = std::function<void(const http::Request&, const security::ApiKey&, http::Reply)>;
  explicit KeyCheck(security::ApiKeys& keys) : keys_(keys) {}
  ~KeyCheck() { stop(); }
  void start();
  void stop();  // answers 503 to whom still waits

  // The route's handler with `handler` behind the check: 401 UNAUTHENTICATED, 403 FORBIDDEN without the scope.
  http::AsyncHandler require(std::string scope, Handler handler);

 private:
  struct Guarded {
    std::string scope;
    Handler handler;
    void go_on(const http::Request& request, const std::optional<security::ApiKey>& key, http::Reply reply) const;
  };
  struct Waiting {
    http::Request request;
    http::Reply reply;
    std::shared_ptr<const Guarded> guarded;
  };
  void look_up();

  security::ApiKeys& keys_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Waiting> waiting_;  // guarded by mutex_
  bool running_ = false;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::service
