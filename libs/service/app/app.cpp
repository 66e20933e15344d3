#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

#include "bus/postgres/postgres_bus.hpp"
#include "pages/assets.hpp"
#include "postgres/errors.hpp"
#include "postgres/pool.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "service/app/app_settings.hpp"
#include "service/app/health_routes.hpp"
#include "service/app/http_hooks.hpp"
#include "service/app/process_metrics.hpp"
#include "service/app/stop_signals.hpp"
#include "service/app/trace_export.hpp"
#include "service/log.hpp"
#include "service/service.hpp"

namespace carillon::service {
namespace {

constexpr int exit_ok = 0, exit_failed = 1, exit_bad_settings = 2;
constexpr std::string_view embedded_name = "carillon";
constexpr std::size_t api_key_connections_max = 4, session_connections_max = 4, ready_connections_max = 1;
constexpr std::chrono::seconds database_wait_max{60};
constexpr std::chrono::seconds database_retry_pause{1};
constexpr std::chrono::minutes migration_statement_timeout{30};
constexpr std::chrono::seconds services_stop_max{30};  // besides the grace for requests

AppSettings read_all(Settings& settings, const AppOptions& options) {
  AppSettings app = AppSettings::read(settings, options.name == embedded_name);
  for (const auto& declare : options.declare) declare(settings);
  return app;
}

// Ends the process when stopping takes too long: a supervisor's SIGKILL would tell nobody why.
class StopLimit {
 public:
  explicit StopLimit(std::chrono::seconds limit)
      : thread_([this, limit] {
          std::unique_lock lock(mutex_);
          if (done_changed_.wait_for(lock, limit, [this] { return done_; })) return;
          log::error("stop_timed_out", {{"limit_seconds", limit.count()}});
          ::_exit(exit_failed);
        }) {}
  ~StopLimit() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    done_changed_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_changed_;
  bool done_ = false;
  std::thread thread_;  // last: it uses the others
};

// Owns what the services stand on and the services themselves. Members are destroyed from the last to the first.
class App {
 public:
  App(const AppOptions& options, AppSettings settings, StopSignals& signals)
      : options_(options),
        settings_(std::move(settings)),
        signals_(signals),
        server_io_(settings_.io_threads, "http-server"),
        io_(settings_.io_threads, "http-client"),
        client_(io_) {
    add_process_metrics(metrics_, options_.name, clock_.now());
  }

  // False when a stop signal came first. Throws what can't be mended by waiting.
  bool migrate() {
    if (!settings_.migrate || !options_.migrate) return true;
    pg::ConnectionSettings connection_settings = platform_.connection("", "migrate");
    connection_settings.statement_timeout = migration_statement_timeout;
    connection_settings.lock_timeout = migration_statement_timeout;
    const SteadyTime give_up = clock_.steady() + database_wait_max;
    for (;;) {
      try {
        pg::Connection owner(connection_settings);
        options_.migrate(owner);
        return true;
      } catch (const pg::Unavailable& failure) {
        if (clock_.steady() >= give_up) throw;
        log::warn("database_not_reachable_yet", {{"error", failure.what()}});
      }
      if (signals_.wait_for(database_retry_pause)) return false;
    }
  }

  void make_services(Settings& settings) {
    for (const ServiceFactory& make : options_.services) services_.push_back(make(settings, platform_));
  }

  void start() {
    http::Router router;
    std::vector<ReadyCheck> checks{postgres_check(ready_connections_, clock_)};
    for (const auto& service : services_) {
      service->routes(router);
      for (ReadyCheck& check : service->ready_checks()) checks.push_back(std::move(check));
    }
    add_health_routes(router, metrics_, std::move(checks));
    pages::add_asset_routes(router);
    for (const auto& service : services_) {
      log::debug("service_starting", {{"name", service->name()}});
      service->start();
      ++started_;
    }
    http::ServerSettings server;
    server.address = settings_.http_address;
    server.port = settings_.http_port;
    server.workers = settings_.http_workers;
    server_ = std::make_unique<http::Server>(server_io_, server, std::move(router), make_http_hooks(metrics_));
    write_port_file();
    log::info("started",
              {{"address", settings_.http_address}, {"port", server_->port()}, {"instance", settings_.instance}});
    if (options_.listening) options_.listening(server_->port());
  }

  void stop() {
    const StopLimit limit(settings_.stop_grace + services_stop_max);
    if (server_) server_->stop(settings_.stop_grace);
    while (started_ > 0) services_[--started_]->stop();
    server_.reset();
    bell_.wake_all();
    while (!services_.empty()) services_.pop_back();
  }

 private:
  // Written under another name first: who waits for the file never reads half of it.
  void write_port_file() const {
    if (settings_.port_file.empty()) return;
    const std::string unfinished = settings_.port_file + ".new";
    std::ofstream file(unfinished, std::ios::trunc);
    file << server_->port() << '\n';
    file.close();
    if (!file || std::rename(unfinished.c_str(), settings_.port_file.c_str()) != 0) {
      throw std::runtime_error("CARILLON_PORT_FILE: can't write " + settings_.port_file);
    }
  }

  pg::ConnectionSettings connection(const std::string& purpose) const {
    pg::ConnectionSettings settings;
    settings.url = settings_.database_url;
    settings.application_name = purpose + " " + settings_.instance;
    return settings;
  }

  const AppOptions& options_;
  const AppSettings settings_;
  StopSignals& signals_;
  SystemClock clock_;
  metrics::Registry metrics_;
  http::Runtime server_io_;  // apart from io_, so that no burst of calls to providers keeps a caller waiting
  http::Runtime io_;
  http::Client client_;
  TraceExport traces_{client_,
                      settings_.trace_collector,
                      {{"service.name", options_.name},
                       {"service.version", CARILLON_VERSION},
                       {"service.instance.id", settings_.instance}},
                      metrics_};
  bus::Bell bell_{connection("bell")};
  pg::Pool api_key_connections_{connection("api-keys"), api_key_connections_max};
  pg::Pool session_connections_{connection("sessions"), session_connections_max};
  pg::Pool ready_connections_{connection("readyz"), ready_connections_max};
  security::ApiKeys api_keys_{api_key_connections_, clock_};
  security::Sessions sessions_{session_connections_, clock_, settings_.sessions};
  const security::Sealer sealer_ = security::Sealer::from_text(settings_.payload_key).value();
  Platform platform_{clock_,
                     io_,
                     client_,
                     metrics_,
                     bell_,
                     api_keys_,
                     sessions_,
                     sealer_,
                     settings_.instance,
                     settings_.database_url,
                     settings_.bus.partitions,
                     settings_.bus.retention,
                     settings_.bus.kafka ? &*settings_.bus.kafka : nullptr,
                     settings_.public_url,
                     settings_.sandbox};
  std::vector<std::unique_ptr<Service>> services_;
  std::size_t started_ = 0;
  std::unique_ptr<http::Server> server_;
};

int serve(const AppOptions& options, AppSettings app_settings, Settings& settings, StopSignals& signals) {
  App app(options, std::move(app_settings), signals);
  try {
    app.make_services(settings);
    settings.finish();
    if (!app.migrate()) return exit_ok;
    app.start();
  } catch (const SettingsError&) {
    throw;
  } catch (const std::exception& failure) {
    log::error("start_failed", {{"error", failure.what()}});
    app.stop();
    return exit_failed;
  }
  const std::string signal = signals.wait();
  log::info("stopping", {{"signal", signal}});
  app.stop();
  log::info("stopped");
  return exit_ok;
}

}  // namespace

int run_app(const AppOptions& options) {
  StopSignals signals;
  Settings settings(process_environment());
  try {
    AppSettings app = read_all(settings, options);
    settings.finish();
    log::configure(options.name, app.log_level);
    tracing::configure(app.log_level == log::Level::DEBUG, !app.trace_collector.empty());
    return serve(options, std::move(app), settings, signals);
  } catch (const SettingsError& errors) {
    std::cerr << errors.what() << std::endl;
    return exit_bad_settings;
  } catch (const std::exception& failure) {
    log::error("failed", {{"error", failure.what()}});
    return exit_failed;
  }
}

std::vector<SettingDoc> collect_setting_docs(const AppOptions& options) {
  Settings settings({});
  read_all(settings, options);
  return settings.docs();
}

}  // namespace carillon::service
