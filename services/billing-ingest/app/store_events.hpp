// Stripe's events on their way into the database: many webhook calls, one commit. Each call is answered after the
// commit, so Stripe sends again whatever was not stored; an id that is there already changes nothing.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered event.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "billing-ingest/core/stripe_event.hpp"
#include "postgres/connection.hpp"
#include "service/gather.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

enum class Stored {
  STORED,
  UNAVAILABLE,  // perhaps stored: Stripe is to send it again, which changes nothing
  FAILED        // the database refuses it
};

struct StripePost {
  EventHead head;
  std::string payload;
  std::function<void(Stored)> answer;
};

class StoreEvents {
 public:
  // `stored` is called after each commit that brought something new; it must not block.
  StoreEvents(pg::ConnectionSettings connection, const Clock& clock, service::GatherLimits limits,
              metrics::Registry& metrics, std::function<void()> stored);
  void start() { gather_.start(); }
  void stop() { gather_.stop(); }
  // false: the queue is full or this is stopped; `post` is untouched then.
  bool offer(StripePost&& post) { return gather_.offer(std::move(post)); }

 private:
  void process(std::vector<StripePost>& posts);
  Stored store(const StripePost* posts, std::size_t count);

  pg::Connection connection_;  // batch thread only
  const Clock& clock_;
  const std::function<void()> stored_;
  const metrics::Counter new_, repeated_;
  const metrics::Histogram commit_seconds_;
  service::Gather<StripePost> gather_;
};

}  // namespace carillon::billing
