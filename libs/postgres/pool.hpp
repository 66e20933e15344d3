// A bounded pool of connections for request handlers. Thread-safe.
#pragma once
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "postgres/connection.hpp"

namespace carillon::pg {

class Pool {
 public:
  // Connects lazily, at most `size_max` sessions.
  Pool(ConnectionSettings settings, std::size_t size_max);

  class Lease {
   public:
    Connection& operator*() { return *connection_; }
    Connection* operator->() { return connection_.get(); }
    ~Lease();
    Lease(Lease&&) = default;

   private:
    friend class Pool;
    Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  // Waits up to `wait` for a free one, then throws pg::Unavailable("connection pool exhausted").
  Lease take(std::chrono::milliseconds wait = std::chrono::milliseconds{2'000});

 private:
  void give_back(std::unique_ptr<Connection> connection);
  ConnectionSettings settings_;
  std::size_t size_max_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::size_t made_ = 0;
};

}  // namespace carillon::pg
