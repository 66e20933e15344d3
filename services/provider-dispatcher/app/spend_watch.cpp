#include "provider-dispatcher/app/spend_watch.hpp"

#include "http/message.hpp"
#include "provider-dispatcher/adapters/alert_store.hpp"
#include "provider-dispatcher/adapters/spend_store.hpp"
#include "provider-dispatcher/app/alert_request.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "service/log.hpp"

namespace carillon::dispatcher {

namespace {

std::string in_usd(MicroUsd amount) {
  return to_text(amount) + " USD";
}

bool is_over(const SpendBook::Standing& standing, int percent) {
  return standing.spent * 100 >= standing.limit * percent;
}

// Rounded down: 100 is only said when the limit is reached.
std::int64_t percent_of(const SpendBook::Standing& standing) {
  return (standing.spent * 100).micros / standing.limit.micros;
}

std::string variables_of(const SpendBook::Standing& standing) {
  return "{\"provider\":" + http::json_string(standing.provider) +
         ",\"percent\":" + std::to_string(percent_of(standing)) +
         ",\"spent\":" + http::json_string(in_usd(standing.spent)) +
         ",\"limit\":" + http::json_string(in_usd(standing.limit)) + "}";
}

}  // namespace

void SpendWatch::look() {
  const UtcTime now = clock_.now();
  const Month month = month_of(now);
  if (month != month_) asked_.clear();
  month_ = month;
  auto connection = pool_.take();
  book_.begin_reading();
  book_.renew(month, spend_store::units_of_month(*connection, month));
  for (const SpendBook::Standing& standing : book_.standings()) {
    for (const int percent : spend_thresholds_percent) {
      if (is_over(standing, percent)) alert(*connection, standing, percent, now);
    }
  }
  if (machine_.steady() >= next_clean_at_) clean(*connection, now);
}

// The limit is part of the subject: another limit has thresholds of its own.
void SpendWatch::alert(pg::Connection& connection, const SpendBook::Standing& standing, int percent, UtcTime now) {
  const std::string subject = "spend-limit/" + standing.provider + "/" + to_text(month_) + "/" +
                              std::to_string(percent) + "/" + to_text(standing.limit);
  if (asked_.count(subject) > 0) return;
  bus::Outbox out;
  pg::Transaction tx(connection);
  const bool first = alert_store::note(tx, subject, now);
  if (first) {
    request_alert(out, "OPS_ALERT_SPEND_LIMIT", subject, variables_of(standing), "SPEND_LIMIT", now);
    audit(out, percent < 100 ? "SPEND_LIMIT_NEAR" : "SPEND_LIMIT_REACHED", "provider", standing.provider, {},
          std::to_string(percent) + "%", "SPEND_LIMIT",
          {{"month", to_text(month_)}, {"spent", in_usd(standing.spent)}, {"limit", in_usd(standing.limit)}}, now);
    bus_.flush(out, tx);
  }
  tx.commit();
  asked_.insert(subject);
  if (!first) return;
  bus_.wake(out);
  log::warn("provider_spend_limit", {{"provider", standing.provider},
                                     {"percent", percent},
                                     {"spent", in_usd(standing.spent)},
                                     {"limit", in_usd(standing.limit)}});
}

void SpendWatch::clean(pg::Connection& connection, UtcTime now) {
  next_clean_at_ = machine_.steady() + spend_clean_interval;
  spend_store::remove_before(connection, day_of(now) - spend_kept);
  alert_store::remove_before(connection, now - alerts_kept);
}

}  // namespace carillon::dispatcher
