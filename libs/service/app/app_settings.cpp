#include "service/app/app_settings.hpp"

#include <unistd.h>

#include <array>
#include <stdexcept>

#include "security/seal.hpp"
#include "service/failpoint.hpp"

namespace carillon::service {
namespace {

log::Level to_level(const std::string& name) {
  if (name == "debug") return log::Level::DEBUG;
  if (name == "warn") return log::Level::WARN;
  if (name == "error") return log::Level::ERROR;
  return log::Level::INFO;
}

std::string default_instance() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return std::string(host[0] ? host.data() : "localhost") + "-" + std::to_string(::getpid());
}

// What pages of whatever service need.
void read_pages(Settings& s, AppSettings& app) {
  app.public_url =
      s.url("CARILLON_PUBLIC_URL", "",
            "Where recipients, browsers and providers reach this installation, an https:// address; links "
            "in messages begin with it. Empty = messages carry no unsubscribe links, no password links are "
            "sent, and providers report only where a webhook was set up at them");
  while (app.public_url.ends_with('/')) app.public_url.pop_back();
  app.sandbox = s.flag("CARILLON_SANDBOX", false,
                       "Run the provider sandbox beside the services; for trying out, never for production");
  app.sessions.idle = std::chrono::minutes(
      s.integer("SESSION_IDLE_MINUTES", 30, 1, 1'440, "A session ends after this time without a request"));
  app.sessions.absolute = std::chrono::hours(
      s.integer("SESSION_MAX_HOURS", 12, 1, 720, "A session ends this long after its login, whatever happens"));
}

void check(Settings& settings, const AppSettings& app) {
  if (!app.payload_key.empty()) {
    if (const auto sealer = security::Sealer::from_text(app.payload_key); !sealer) {
      settings.error("CARILLON_PAYLOAD_KEY: " + sealer.error().detail);
    }
  }
  try {
    configure_failpoints(app.failpoints);
  } catch (const std::invalid_argument& bad) {
    settings.error(std::string("CARILLON_FAILPOINTS: ") + bad.what());
  }
}

}  // namespace

AppSettings AppSettings::read(Settings& s, bool embedded) {
  AppSettings app;
  app.http_address =
      s.text("CARILLON_HTTP_ADDRESS", "127.0.0.1", "Address the HTTP server listens on; 0.0.0.0 for all.");
  app.http_port = static_cast<int>(
      s.integer("CARILLON_HTTP_PORT", 8080, 0, 65535, "Port of the HTTP server; 0 lets the system choose."));
  app.http_workers = static_cast<int>(
      s.integer("CARILLON_HTTP_WORKERS", 4, 1, 256, "Threads for request handlers that wait for the database."));
  app.io_threads = static_cast<int>(
      s.integer("CARILLON_IO_THREADS", 1, 1, 64, "Threads for the HTTP server, and as many for calls to providers."));
  app.database_url = s.required("CARILLON_DATABASE_URL",
                                "PostgreSQL, e.g. postgresql://user:password@host:5432/carillon.", Secret::YES);
  app.payload_key = s.required(
      "CARILLON_PAYLOAD_KEY",
      "Key that seals sensitive payloads: 32 random bytes as base64 or hex; to rotate, put the new key first "
      "and the old ones behind it, separated by commas.",
      Secret::YES);
  app.log_level = to_level(
      s.one_of("CARILLON_LOG_LEVEL", "info", {"debug", "info", "warn", "error"}, "The least level that is logged."));
  app.migrate =
      s.flag("CARILLON_MIGRATE", embedded,
             "Bring the database's schemas up to date at start; the default is true only in the embedded process.");
  app.bus = read_bus_settings(s);
  app.instance =
      s.text("CARILLON_INSTANCE", "", "Unique name of this process; by default the host's name and the process id.");
  app.stop_grace = std::chrono::seconds(s.integer("CARILLON_STOP_GRACE_SECONDS", 10, 0, 600,
                                                  "How long running requests may take when the process stops."));
  app.port_file =
      s.text("CARILLON_PORT_FILE", "", "A file that receives the HTTP port's number once the process serves.");
  app.failpoints =
      s.text("CARILLON_FAILPOINTS", "",
             "For tests only: places where the process kills itself or fails, e.g. dispatcher.claimed=kill@3.");
  app.trace_collector = s.url("OTEL_EXPORTER_OTLP_ENDPOINT", "",
                              "OpenTelemetry collector that gets spans of requests, decisions and calls to providers "
                              "(OTLP over HTTP, for example http://collector:4318); empty = none");
  read_pages(s, app);
  if (app.instance.empty()) app.instance = default_instance();
  check(s, app);
  return app;
}

}  // namespace carillon::service
