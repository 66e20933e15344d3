#include "provider-dispatcher/dispatcher_service.hpp"

#include <algorithm>
#include <array>

#include "bus/make_bus.hpp"
#include "pages/access.hpp"
#include "provider-dispatcher/adapters/cost_routes.hpp"
#include "provider-dispatcher/adapters/health_routes.hpp"
#include "provider-dispatcher/adapters/provider_page.hpp"
#include "provider-dispatcher/adapters/providers/ses/account_routes.hpp"
#include "provider-dispatcher/service.hpp"
#include "service/log.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::chrono::milliseconds ingest_linger{3};  // under load messages gather this long; alone one never waits
constexpr std::chrono::milliseconds running_calls_grace{12'000};
constexpr std::chrono::milliseconds settle_grace{5'000};
constexpr std::size_t pool_connections_max = 2;
constexpr const char* consumer_group = "dispatcher";
constexpr const char* offsets_schema = "dispatcher";

constexpr std::array written_most{bus::topics::message_log, bus::topics::audit, bus::topics::provider_state,
                                  bus::topics::feedback};

std::unique_ptr<bus::Bus> make_bus(service::Platform& platform) {
  return bus::make_bus(platform.kafka,
                       {.connection = platform.connection(role, "dispatcher-bus"),
                        .partitions = platform.bus_partitions,
                        .retention = platform.bus_retention,
                        .metrics = &platform.metrics},
                       platform.bell, platform.clock,
                       {.writes = topics_written(), .reads = topics_read(), .writes_most = written_most});
}
}  // namespace

DispatcherService::DispatcherService(const ChainSettings& chains, service::Platform& platform,
                                     std::vector<std::unique_ptr<Provider>> providers, SpendSettings spend,
                                     ReceiptSettings receipts)
    : platform_(platform),
      roster_(std::move(providers), chains),
      spend_(roster_, std::move(spend)),
      call_figures_(roster_),
      board_(roster_.size(), spend_),
      capacity_(roster_),
      bus_(make_bus(platform)),
      pool_(platform.connection(role, "dispatcher-pool"), pool_connections_max),
      provider_states_(*bus_, {.connection = platform.connection(role, "dispatcher-republisher"),
                               .topic = bus::topics::provider_state,
                               .offsets_schema = offsets_schema,
                               .retention = platform.bus_retention}),
      figures_(pool_, platform.clock),
      spend_watch_(spend_, pool_, *bus_, platform.clock),
      failover_watch_({roster_, board_, call_figures_, pool_, *bus_, platform.clock}),
      receipts_(receipts, {platform, *bus_, pool_, roster_, board_,
                           [this](ProviderIndex provider) {
                             capacity_.note_backlog(provider);
                             claimer_.wake();
                           }}),
      lock_(platform.connection(role, "dispatcher-lock"), new_instance_number(), platform.clock),
      settler_({roster_, board_, capacity_, *bus_, platform.clock,
                pg::for_repeated_statements(platform.connection(role, "dispatcher-settle")), lock_.instance(),
                [this] { claimer_.wake(); }, spend_, call_figures_, receipts_.figures(),
                ReceiptDesk::noted_providers(receipts)}),
      calls_(std::make_shared<CallProviders>(call_parts())),
      claimer_({roster_, board_, capacity_, *calls_, *bus_, platform.clock,
                pg::for_repeated_statements(platform.connection(role, "dispatcher-claim")), lock_.instance(),
                claim_numbers_, [this] { return lock_.alive(); },
                [this](Finished finished) { settler_.push(std::move(finished)); }}),
      ingest_({roster_, board_, capacity_, *calls_, platform.clock, lock_.instance(), claim_numbers_,
               [this] { return lock_.alive(); }, [this] { claimer_.wake(); },
               [this](Finished finished) { settler_.push(std::move(finished)); }}),
      watch_({roster_, board_, capacity_, figures_, *bus_, platform.clock,
              pg::for_repeated_statements(platform.connection(role, "dispatcher-watch")), lock_.instance(),
              [this] { claimer_.wake(); }, [this] { look_at_providers(); }}),
      scraped_(std::make_shared<std::atomic<bool>>(true)) {
  platform_.metrics.on_scrape([this, here = scraped_] {
    if (*here) set_gauges();
  });
}

DispatcherService::~DispatcherService() {
  *scraped_ = false;
  stop();
}

CallParts DispatcherService::call_parts() {
  return {roster_,
          board_,
          capacity_,
          platform_.sealer,
          platform_.clock,
          platform_.io,
          platform_.metrics,
          [this] { return lock_.alive(); },
          [this](Finished finished) { settler_.push(std::move(finished)); },
          platform_.connection(role, "dispatcher-attachments")};
}

void DispatcherService::routes(http::Router& router) {
  const http::Guard admins = pages::require_scope_or_session(platform_, "admin", {security::Role::ADMIN});
  router.add(
      http::Method::GET, "/health/messaging", [this](const http::Request&) { return health(); }, admins);
  router.add(
      http::Method::GET, "/api/admin/costs",
      [this](const http::Request& request) {
        return answer_costs(request, pool_, roster_, spend_, platform_.clock.now());
      },
      admins);
  add_provider_page(router, platform_, [this] {
    return ProviderPageFacts{roster_,
                             board_.snapshot(),
                             figures_.latest_or_counted(),
                             call_figures_.gathered(),
                             board_.limits_reached(),
                             spend_.standings(),
                             &receipts_.figures()};
  });
  receipts_.routes(router);
  if (!ses_account_) return;
  router.add(
      http::Method::GET, "/api/admin/ses/account",
      [this](const http::Request&) { return ses::answer_account(*ses_account_, platform_.clock.now()); },
      service::require_scope(platform_, "admin"));
  router.add(
      http::Method::POST, "/api/admin/ses/senders",
      [this](const http::Request& request) {
        return ses::answer_verify_sender(request, *ses_account_, platform_.clock.now());
      },
      service::require_scope(platform_, "admin"));
}

void DispatcherService::look_at_providers() {
  const auto look = [](const char* what, auto& watch) {
    try {
      watch.look();
    } catch (const std::exception& e) {
      log::warn("dispatcher_provider_watch_failed", {{"watch", what}, {"error", e.what()}});
    }
  };
  look("spend", spend_watch_);
  look("failover", failover_watch_);
}

http::Response DispatcherService::health() {
  return http::json(
      200, messaging_health_json(roster_, board_.snapshot(), figures_.latest_or_counted(), call_figures_.gathered(),
                                 board_.limits_reached(), &receipts_.figures()));
}

std::vector<service::ReadyCheck> DispatcherService::ready_checks() {
  const auto instance = [this]() -> std::optional<std::string> {
    if (lock_.alive()) return std::nullopt;
    return "no session lock with PostgreSQL yet: check CARILLON_DATABASE_URL and the role " + std::string(role);
  };
  const auto consumer = [this]() -> std::optional<std::string> {
    if (consumer_ && consumer_->healthy()) return std::nullopt;
    return "the consumer of notification.dispatch.v1 makes no progress";
  };
  return {{"dispatcher-instance", instance}, {"dispatcher-consumer", consumer}};
}

void DispatcherService::start() {
  started_ = true;
  for (const events::Channel channel : {events::Channel::EMAIL, events::Channel::SMS}) {
    if (!roster_.any_configured(channel))
      log::warn("channel_without_provider", {{"channel", events::enum_name(channel)}});
  }
  look_at_providers();  // a limit that is reached holds from the first call on
  lock_.start();
  settler_.start();
  receipts_.start();
  watch_.start();
  provider_states_.start();
  claimer_.start();
  bus::ConsumerSettings settings;
  settings.group = consumer_group;
  settings.topic = bus::topics::dispatch;
  settings.offsets_schema = offsets_schema;
  settings.batch_records_max = ingest_batch_max;
  settings.linger = ingest_linger;
  consumer_ = bus_->consume(settings, ingest_);
  consumer_->start();
}

bool DispatcherService::wait_until_running(std::chrono::milliseconds wait) {
  return lock_.wait_until_alive(wait) && watch_.wait_until_published(wait);
}

void DispatcherService::stop() {
  if (!started_) return;
  started_ = false;
  consumer_->stop();
  claimer_.stop();
  calls_->stop_starting();
  const bool idle = calls_->wait_until_idle(running_calls_grace);
  if (!idle) {
    log::warn("dispatcher_calls_outlived_stop");
    calls_->abandon();
  }
  settler_.stop(settle_grace);
  receipts_.stop();
  provider_states_.stop();
  watch_.stop();
  try {
    auto connection = pool_.take();
    unregister(*connection, lock_.instance());
  } catch (const std::exception& e) {
    log::warn("dispatcher_not_unregistered", {{"error", e.what()}});
  }
  lock_.stop();
}

void DispatcherService::set_gauges() {
  const auto breakers = board_.snapshot();
  for (std::size_t i = 0; i < roster_.size(); ++i) {
    const BreakerState state = breakers[i].state;
    platform_.metrics.gauge("carillon_breaker_state", "0 closed, 1 half open, 2 open.", {{"provider", roster_[i].name}})
        .set(state == BreakerState::CLOSED      ? 0
             : state == BreakerState::HALF_OPEN ? 1
                                                : 2);
  }
  if (const auto counts = figures_.latest()) set_pending_gauges(*counts);
  set_spend_gauges();
}

void DispatcherService::set_spend_gauges() {
  constexpr auto in_dollars = [](MicroUsd amount) {
    return static_cast<double>(amount.micros) / static_cast<double>(micros_per_usd);
  };
  for (const SpendBook::Standing& standing : spend_.standings()) {
    const metrics::Labels labels{{"provider", standing.provider}};
    platform_.metrics.gauge("carillon_provider_spend_dollars", "Spent in this UTC calendar month.", labels)
        .set(in_dollars(standing.spent));
    platform_.metrics.gauge("carillon_provider_spend_limit_dollars", "The limit of each month.", labels)
        .set(in_dollars(standing.limit));
  }
}

void DispatcherService::set_pending_gauges(const PendingFigures::Counts& counts) {
  static const std::string help = "Messages without a final outcome, counted about every " +
                                  std::to_string(pending_count_interval.count()) + " seconds.";
  constexpr std::array<const char*, 3> states{"waiting", "claimed", "held"};
  for (std::size_t i = 0; i < roster_.size(); ++i) {
    for (std::size_t state = 0; state < states.size(); ++state) {
      const auto found = std::ranges::find_if(counts, [&](const pending_store::Count& count) {
        return count.provider == roster_[i].name && static_cast<std::size_t>(count.state) == state;
      });
      platform_.metrics
          .gauge("carillon_pending_messages", help, {{"provider", roster_[i].name}, {"state", states[state]}})
          .set(found == counts.end() ? 0 : static_cast<double>(found->rows));
      if (state != 0) continue;
      platform_.metrics
          .gauge("carillon_pending_overdue_seconds",
                 "How long the waiting message that is due first has been due, counted with the pending messages.",
                 {{"provider", roster_[i].name}})
          .set(found == counts.end() ? 0 : std::max(0.0, found->overdue_seconds));
    }
  }
}

}  // namespace carillon::dispatcher
