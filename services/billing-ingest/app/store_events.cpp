#include "billing-ingest/app/store_events.hpp"

#include "billing_sql.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::billing {
namespace {

constexpr const char* counter_name = "carillon_billing_webhook_events_total";
constexpr const char* counter_help = "Signed Stripe events by whether their id was new";
constexpr int conflict_tries_max = 5;

}  // namespace

StoreEvents::StoreEvents(pg::ConnectionSettings connection, const Clock& clock, service::GatherLimits limits,
                         metrics::Registry& metrics, std::function<void()> stored)
    : connection_(std::move(connection)),
      clock_(clock),
      stored_(std::move(stored)),
      new_(metrics.counter(counter_name, counter_help, {{"result", "stored"}})),
      repeated_(metrics.counter(counter_name, counter_help, {{"result", "repeated"}})),
      commit_seconds_(metrics.histogram("carillon_billing_commit_seconds", "Time of one commit of Stripe events")),
      gather_("stripe", limits, [this](std::vector<StripePost>& posts) { process(posts); }) {}

void StoreEvents::process(std::vector<StripePost>& posts) {
  const SteadyTime began = clock_.steady();
  std::vector<Stored> all(posts.size(), store(posts.data(), posts.size()));
  // One event that the database refuses must not hold up the others.
  if (all.front() == Stored::FAILED && posts.size() > 1)
    for (std::size_t i = 0; i < posts.size(); ++i) all[i] = store(&posts[i], 1);
  commit_seconds_.observe(std::chrono::duration<double>(clock_.steady() - began).count());
  for (std::size_t i = 0; i < posts.size(); ++i) posts[i].answer(all[i]);
}

Stored StoreEvents::store(const StripePost* posts, std::size_t count) {
  for (int attempt = 1;; ++attempt) {
    try {
      pg::BinaryArray ids(pg::Type::TEXT), types(pg::Type::TEXT), created(pg::Type::TIMESTAMPTZ), ranks(pg::Type::INT2),
          payloads(pg::Type::TEXT);
      for (std::size_t i = 0; i < count; ++i) {
        ids.add(posts[i].head.id);
        types.add(posts[i].head.type);
        created.add(posts[i].head.created);
        ranks.add(rank_of(kind_of(posts[i].head.type)));
        payloads.add(posts[i].payload);
      }
      pg::Params params;
      params.add(std::move(ids)).add(std::move(types)).add(std::move(created)).add(std::move(ranks));
      params.add(std::move(payloads)).add(clock_.now());
      failpoint("billing.store.before_commit");
      pg::Transaction tx(connection_);
      const auto inserted =
          static_cast<std::size_t>(tx.commit_with({{billing_sql::store_events, params}}).front().size());
      failpoint("billing.store.after_commit");
      new_.add(static_cast<double>(inserted));
      repeated_.add(static_cast<double>(count - inserted));
      if (inserted > 0) stored_();
      return Stored::STORED;
    } catch (const pg::Conflict&) {
      if (attempt == conflict_tries_max) return Stored::UNAVAILABLE;
    } catch (const pg::Unavailable& error) {
      log::warn("STRIPE_EVENTS_NOT_STORED", {{"events", count}, {"error", error.what()}});
      return Stored::UNAVAILABLE;
    } catch (const std::exception& error) {
      if (count == 1)
        log::error("STRIPE_EVENT_REFUSED_BY_DATABASE", {{"event_id", posts->head.id}, {"error", error.what()}});
      return Stored::FAILED;
    }
  }
}

}  // namespace carillon::billing
