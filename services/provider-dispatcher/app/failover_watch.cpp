#include "provider-dispatcher/app/failover_watch.hpp"

#include "http/message.hpp"
#include "provider-dispatcher/adapters/alert_store.hpp"
#include "provider-dispatcher/adapters/call_figures_store.hpp"
#include "provider-dispatcher/app/alert_request.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "service/log.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::size_t minute_chars = 16;  // of "2026-11-30T12:04:…"

std::string minute_text(UtcTime time) {
  std::string text = to_rfc3339(time).substr(0, minute_chars);
  text[10] = ' ';
  return text + " UTC";
}

}  // namespace

void FailoverWatch::look() {
  const UtcTime now = parts_.clock.now();
  auto connection = parts_.pool.take();
  exchange_figures(*connection, now);
  const std::vector<Breaker> breakers = parts_.board.snapshot();
  for (const events::Channel channel : {events::Channel::EMAIL, events::Channel::SMS, events::Channel::SLACK}) {
    look_at_chain(*connection, channel, breakers, now);
  }
}

void FailoverWatch::exchange_figures(pg::Connection& connection, UtcTime now) {
  if (const auto minutes = parts_.figures.take(); !minutes.empty()) call_figures_store::add(connection, minutes);
  if (machine_.steady() >= next_clean_at_) {
    next_clean_at_ = machine_.steady() + provider_calls_clean_interval;
    call_figures_store::remove_before(connection, now - provider_calls_kept);
  }
  const UtcTime window_begin = floor_minute(now) - (call_window - std::chrono::minutes{1});
  parts_.figures.put_gathered(call_figures_store::read(connection, window_begin));
}

// A provider in trouble is told of with the first one behind it that works.
void FailoverWatch::look_at_chain(pg::Connection& connection, events::Channel channel,
                                  const std::vector<Breaker>& breakers, UtcTime now) {
  const auto chain = parts_.roster.chain(channel);
  const auto links = parts_.roster.links(channel, breakers, parts_.board.limits_reached(), now);
  const auto in_trouble = [&](std::size_t i) {
    return breakers[chain[i]].state != BreakerState::CLOSED || parts_.figures.account_error(chain[i]);
  };
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!links[i].configured || !in_trouble(i)) {
      in_trouble_since_.erase(chain[i]);
      continue;
    }
    in_trouble_since_.try_emplace(chain[i], now);
    for (std::size_t next = i + 1; next < chain.size(); ++next) {
      if (!links[next].configured || links[next].limit_reached || in_trouble(next)) continue;
      alert(connection, chain[i], std::string(links[next].provider), breakers[chain[i]], now);
      break;
    }
  }
}

void FailoverWatch::alert(pg::Connection& connection, ProviderIndex primary, const std::string& secondary,
                          const Breaker& breaker, UtcTime now) {
  const auto last = alerted_at_.find(primary);
  if (last != alerted_at_.end() && now < last->second + failover_alert_interval) return;
  const RosterEntry& entry = parts_.roster[primary];
  const std::string variables = "{\"channel\":" + http::json_string(events::enum_name(entry.channel)) +
                                ",\"primary\":" + http::json_string(entry.name) +
                                ",\"secondary\":" + http::json_string(secondary) +
                                ",\"since\":" + http::json_string(minute_text(in_trouble_since_.at(primary))) +
                                ",\"last_error\":" + http::json_string(breaker.last_error) + "}";
  const std::string subject = "provider-failover/" + entry.name;
  bus::Outbox out;
  pg::Transaction tx(connection);
  const bool due = alert_store::note(tx, subject, now, failover_alert_interval);
  if (due) {
    request_alert(out, "OPS_ALERT_PROVIDER_FAILOVER", subject + "/" + to_rfc3339(now), variables, "PROVIDER_FAILOVER",
                  now);
    parts_.bus.flush(out, tx);
  }
  tx.commit();
  alerted_at_[primary] = now;
  if (!due) return;
  parts_.bus.wake(out);
  log::warn("provider_failover", {{"provider", entry.name}, {"next", secondary}, {"last_error", breaker.last_error}});
}

}  // namespace carillon::dispatcher
