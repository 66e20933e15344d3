// An HTTP server of AWS's - STS, a container's agent, EC2's metadata, SES - that a test scripts.
#pragma once
#include <mutex>
#include <vector>

#include "http/server.hpp"

namespace carillon::dispatcher::testing {

class FakeServer {
 public:
  using Answer = std::function<http::Response(const http::Request&)>;
  explicit FakeServer(Answer answer) : answer_(std::move(answer)), server_(io_, {}, routes()) {}

  std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(server_.port()) + path;
  }
  std::vector<http::Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  http::Router routes() {
    http::Router router;
    for (const http::Method method : {http::Method::GET, http::Method::PUT, http::Method::POST}) {
      router.add_async(method, "/{path...}", [this](http::Request&& request, http::Reply reply) {
        {
          const std::lock_guard lock(mutex_);
          requests_.push_back(request);
        }
        reply(answer_(request));
      });
    }
    return router;
  }

  const Answer answer_;
  std::mutex mutex_;
  std::vector<http::Request> requests_;  // guarded by mutex_
  http::Runtime io_;
  http::Server server_;
};

inline http::Response respond(int status, std::string body, http::Fields headers = {}) {
  http::Response response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

}  // namespace carillon::dispatcher::testing
