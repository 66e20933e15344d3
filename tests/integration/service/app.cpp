#include <rapidjson/document.h>
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <sstream>
#include <stdexcept>

#include "bus/postgres/postgres_bus.hpp"
#include "integration/service/app_process.hpp"
#include "postgres/errors.hpp"
#include "postgres/migrate.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/api_keys.hpp"
#include "security/digest.hpp"
#include "service/log.hpp"
#include "service/setting_docs.hpp"

namespace carillon::service {
namespace {

using carillon::testing::TestDatabase;
using testing::AppProcess;

// A service with routes that answer, wait, throw and are guarded; it logs its life.
class SampleService final : public Service {
 public:
  SampleService(Platform& platform, std::string name) : platform_(platform), name_(std::move(name)) {}
  std::string name() const override { return name_; }
  void routes(http::Router& router) override {
    router.add(http::Method::GET, "/" + name_ + "/items/{id}", [](const http::Request& request) {
      return http::json(200, http::json_string(request.params.at("id")));
    });
    router.add(http::Method::GET, "/" + name_ + "/throw/{what}", [](const http::Request& request) -> http::Response {
      const std::string& what = request.params.at("what");
      if (what == "unavailable") throw pg::Unavailable("connection lost");
      if (what == "conflict") throw pg::Conflict("deadlock");
      throw std::runtime_error("a bug");
    });
    router.add(
        http::Method::GET, "/" + name_ + "/guarded",
        [](const http::Request& request) {
          return http::json(200, http::json_string(request.params.at("api_key_owner")));
        },
        require_scope(platform_, "notifications:read"));
    // Sends its own process SIGTERM and answers once that has made the server refuse others.
    router.add(http::Method::GET, "/" + name_ + "/stop", [this](const http::Request& request) {
      ::kill(::getpid(), SIGTERM);
      http::Call call;
      call.method = http::Method::GET;
      call.url = "http://" + std::string(http::field(request.headers, "Host")) + "/healthz";
      const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(8);
      while (std::chrono::steady_clock::now() < give_up) {
        if (platform_.http.call_and_wait(call).status != 200) return http::json(200, "\"refused\"");
      }
      return http::json(200, "\"served\"");
    });
  }
  std::vector<ReadyCheck> ready_checks() override {
    return {{name_,
             [this]() -> std::optional<std::string> {
               return name_ == "unready" ? std::optional<std::string>("set SAMPLE_TOKEN") : std::nullopt;
             }},
            {name_ + "-throws", [this]() -> std::optional<std::string> {
               if (name_ == "unready") throw std::runtime_error("no answer");
               return std::nullopt;
             }}};
  }
  void start() override {
    if (name_ == "broken") throw std::runtime_error("the sample can't work");
    log::info("sample_started", {{"name", name_}});
  }
  void stop() override { log::info("sample_stopped", {{"name", name_}}); }

 private:
  Platform& platform_;
  std::string name_;
};

ServiceFactory sample(const std::string& name) {
  return [name](Settings& settings, Platform& platform) {
    settings.integer("SAMPLE_SIZE", 3, 1, 9, "Size of the sample.");
    return std::make_unique<SampleService>(platform, name);
  };
}

AppOptions options_of(const std::vector<std::string>& names) {
  AppOptions options;
  options.name = "carillon";
  for (const std::string& name : names) options.services.push_back(sample(name));
  options.declare = {[](Settings& settings) { settings.integer("SAMPLE_SIZE", 3, 1, 9, "Size of the sample."); }};
  options.migrate = [](pg::Connection& owner) {
    pg::migrate(owner, security::identity_schema());
    pg::migrate(owner, bus::bus_schema());
  };
  return options;
}

std::map<std::string, std::string> environment_for(const std::string& url) {
  return {{"CARILLON_DATABASE_URL", url},
          {"CARILLON_PAYLOAD_KEY", security::base64(std::string(32, 'k'))},
          {"CARILLON_HTTP_PORT", "0"},
          {"CARILLON_INSTANCE", "test-instance"}};
}

class Caller {
 public:
  explicit Caller(int port) : port_(port) {}
  http::Answer get(const std::string& path, http::Fields headers = {}) {
    http::Call call;
    call.method = http::Method::GET;
    call.url = "http://127.0.0.1:" + std::to_string(port_) + path;
    call.headers = std::move(headers);
    call.timeout = std::chrono::seconds(20);
    return client_.call_and_wait(std::move(call));
  }

 private:
  int port_;
  http::Runtime runtime_;
  http::Client client_{runtime_};
};

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  INFO(text);
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("app: starts, migrates, says it is alive and ready, and stops on SIGTERM in reverse order") {
  TestDatabase database;
  AppProcess app(options_of({"first", "second"}), environment_for(database.url()));
  {
    Caller caller(app.port());
    const auto alive = caller.get("/healthz");
    CHECK(alive.status == 200);
    CHECK(alive.body == "{\"status\":\"alive\"}");
    const auto ready = caller.get("/readyz");
    CHECK(ready.status == 200);
    const auto document = parsed(ready.body);
    CHECK(std::string(document["status"].GetString()) == "ready");
    REQUIRE(document["checks"].Size() == 5);
    CHECK(std::string(document["checks"][0]["name"].GetString()) == "postgres");
    CHECK(document["checks"][0]["ready"].GetBool());
    CHECK(document["checks"][0]["missing"].IsNull());
    CHECK(caller.get("/first/items/7").body == "\"7\"");
  }
  app.signal(SIGTERM);
  CHECK(app.exit_code() == 0);
  const std::string log = app.log();
  INFO(log);
  const auto at = [&log](const std::string& event, const std::string& name) {
    return log.find("\"event\":\"" + event + "\",\"name\":\"" + name + "\"");
  };
  CHECK(at("sample_started", "first") < at("sample_started", "second"));
  CHECK(at("sample_stopped", "second") < at("sample_stopped", "first"));
  CHECK(at("sample_stopped", "first") != std::string::npos);
  std::istringstream lines(log);
  for (std::string text; std::getline(lines, text);) CHECK(parsed(text).IsObject());
}

TEST_CASE("app: readyz says what is missing, check by check") {
  TestDatabase database;
  AppProcess app(options_of({"unready"}), environment_for(database.url()));
  Caller caller(app.port());
  const auto ready = caller.get("/readyz");
  CHECK(ready.status == 503);
  const auto document = parsed(ready.body);
  CHECK(std::string(document["status"].GetString()) == "not_ready");
  CHECK(std::string(document["checks"][1]["missing"].GetString()) == "set SAMPLE_TOKEN");
  CHECK(has(document["checks"][2]["missing"].GetString(), "no answer"));
  CHECK(caller.get("/healthz").status == 200);
}

TEST_CASE("app: metrics say what runs, what it uses of the machine, and which check is not content") {
  TestDatabase database;
  AppProcess app(options_of({"first", "unready"}), environment_for(database.url()));
  const auto metrics = Caller(app.port()).get("/metrics").body;
  INFO(metrics);
  CHECK(has(metrics, "carillon_build_info{program=\"carillon\",version=\""));
  CHECK(has(metrics, "carillon_ready{check=\"postgres\"} 1\n"));
  CHECK(has(metrics, "carillon_ready{check=\"first\"} 1\n"));
  CHECK(has(metrics, "carillon_ready{check=\"unready\"} 0\n"));
  CHECK(has(metrics, "# TYPE process_cpu_seconds_total counter\n"));
  const auto value_of = [&](const std::string& name) {
    const auto at = metrics.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(metrics.substr(at + name.size() + 2));
  };
  CHECK(value_of("process_cpu_seconds_total") > 0);
  CHECK(value_of("process_resident_memory_bytes") > 1'000'000);
  CHECK(value_of("process_open_fds") > 3);
  CHECK(value_of("process_max_fds") >= value_of("process_open_fds"));
  CHECK(value_of("process_start_time_seconds") > 1'700'000'000);
}

TEST_CASE("app: metrics count requests by route, not by path") {
  TestDatabase database;
  AppProcess app(options_of({"first"}), environment_for(database.url()));
  Caller caller(app.port());
  for (const char* path : {"/first/items/1", "/first/items/2", "/nowhere/3"}) caller.get(path);
  const auto metrics = caller.get("/metrics");
  CHECK(metrics.status == 200);
  CHECK(has(std::string(http::field(metrics.headers, "Content-Type")), "version=0.0.4"));
  INFO(metrics.body);
  CHECK(
      has(metrics.body, "carillon_http_requests_total{method=\"GET\",route=\"/first/items/{id}\",status=\"200\"} 2\n"));
  CHECK(has(metrics.body, "carillon_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1\n"));
  CHECK(has(metrics.body, "carillon_http_request_seconds_count{route=\"/first/items/{id}\"} 2\n"));
  CHECK_FALSE(has(metrics.body, "items/1"));
}

TEST_CASE("app: what a handler throws becomes a problem with the right status and no details") {
  TestDatabase database;
  AppProcess app(options_of({"first"}), environment_for(database.url()));
  Caller caller(app.port());
  const auto unavailable = caller.get("/first/throw/unavailable");
  CHECK(unavailable.status == 503);
  CHECK(http::field(unavailable.headers, "Retry-After") == "2");
  CHECK(has(unavailable.body, "DATABASE_UNAVAILABLE"));
  const auto conflict = caller.get("/first/throw/conflict");
  CHECK(conflict.status == 503);
  CHECK(http::field(conflict.headers, "Retry-After") == "1");
  const auto bug = caller.get("/first/throw/bug");
  CHECK(bug.status == 500);
  CHECK(has(bug.body, "INTERNAL_ERROR"));
  CHECK_FALSE(has(bug.body, "a bug"));
  CHECK(has(app.log(),
            "\"event\":\"request_failed\",\"method\":\"GET\",\"path\":\"/first/throw/bug\",\"error\":\"a bug\""));
}

TEST_CASE("app: a guarded route wants a key with the scope and hands the owner on") {
  TestDatabase database;
  AppProcess app(options_of({"first"}), environment_for(database.url()));
  Caller caller(app.port());
  pg::ConnectionSettings settings;
  settings.url = database.url();
  pg::Connection owner(settings);
  const UtcTime now = SystemClock().now();
  const auto with = [](const std::string& key) { return http::Fields{{"Authorization", "Bearer " + key}}; };
  CHECK(caller.get("/first/guarded").status == 401);
  CHECK(caller.get("/first/guarded", with("nonsense")).status == 401);
  CHECK(caller.get("/first/guarded", with(security::create_api_key(owner, "sender", {"notifications:send"}, now)))
            .status == 403);
  const auto answer =
      caller.get("/first/guarded", with(security::create_api_key(owner, "shop", {"notifications:read"}, now)));
  CHECK(answer.status == 200);
  CHECK(answer.body == "\"shop\"");
  CHECK(caller.get("/first/guarded", with(security::create_api_key(owner, "ops", {"admin"}, now))).status == 200);
}

TEST_CASE("app: while it stops others are refused and the request that runs is answered") {
  TestDatabase database;
  AppProcess app(options_of({"first"}), environment_for(database.url()));
  const auto answer = Caller(app.port()).get("/first/stop");
  CHECK(answer.status == 200);
  CHECK(answer.body == "\"refused\"");
  CHECK(app.exit_code() == 0);
}

TEST_CASE("app: SIGINT stops too") {
  TestDatabase database;
  AppProcess app(options_of({"first"}), environment_for(database.url()));
  app.port();
  app.signal(SIGINT);
  CHECK(app.exit_code() == 0);
  CHECK(has(app.log(), "\"signal\":\"SIGINT\""));
}

TEST_CASE("app: bad settings are listed all at once, one a line, and nothing is started") {
  AppProcess app(options_of({"first"}), {{"CARILLON_HTTP_PORT", "http"},
                                         {"CARILLON_PAYLOAD_KEY", "hunter2"},
                                         {"CARILLON_LOG_LEVEL", "loud"},
                                         {"CARILLON_HTTP_ADRESS", "x"},
                                         {"CARILLON_FAILPOINTS", "nonsense"},
                                         {"SAMPLE_SIZE", "100"}});
  CHECK(app.exit_code() == 2);
  const std::string log = app.log();
  INFO(log);
  for (const char* expected :
       {"CARILLON_DATABASE_URL: must be set", "CARILLON_HTTP_PORT: must be a whole number from 0 to 65535",
        "CARILLON_PAYLOAD_KEY: must be 32 random bytes", "CARILLON_LOG_LEVEL: must be one of debug, info, warn, error",
        "CARILLON_HTTP_ADRESS: no setting of that name; did you mean CARILLON_HTTP_ADDRESS?",
        "CARILLON_FAILPOINTS: failpoint 'nonsense'", "SAMPLE_SIZE: must be a whole number from 1 to 9"}) {
    CHECK(has(log, expected));
  }
  CHECK_FALSE(has(log, "hunter2"));
  CHECK(std::count(log.begin(), log.end(), '\n') == 7);
}

TEST_CASE("app: a service that can't start ends the process with 1, the started ones stopped") {
  TestDatabase database;
  AppProcess app(options_of({"first", "broken", "never"}), environment_for(database.url()));
  CHECK(app.exit_code() == 1);
  const std::string log = app.log();
  CHECK(has(log, "the sample can't work"));
  CHECK(has(log, "\"event\":\"sample_stopped\",\"name\":\"first\""));
  CHECK_FALSE(has(log, "\"name\":\"never\""));
}

TEST_CASE("app: a port that is taken is named") {
  TestDatabase database;
  AppProcess first(options_of({}), environment_for(database.url()));
  auto environment = environment_for(database.url());
  environment["CARILLON_HTTP_PORT"] = std::to_string(first.port());
  AppProcess second(options_of({"first"}), environment);
  CHECK(second.exit_code() == 1);
  CHECK(has(second.log(), environment["CARILLON_HTTP_PORT"]));
  CHECK(has(second.log(), "start_failed"));
}

TEST_CASE("app: without a database it waits for it, and a signal ends the waiting") {
  AppProcess app(options_of({"first"}), environment_for("postgresql://nobody@127.0.0.1:1/none"));
  CHECK(app.wait_for_log("database_not_reachable_yet"));
  app.signal(SIGTERM);
  CHECK(app.exit_code() == 0);
}

TEST_CASE("app: without migrating it serves without a database and says that PostgreSQL is missing") {
  auto environment = environment_for("postgresql://nobody@127.0.0.1:1/none");
  environment["CARILLON_MIGRATE"] = "false";
  AppProcess app(options_of({"first"}), environment);
  Caller caller(app.port());
  CHECK(caller.get("/healthz").status == 200);
  const auto ready = caller.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(has(ready.body, "PostgreSQL can't be used"));
  const auto guarded =
      caller.get("/first/guarded", {{"Authorization", "Bearer crl_0123456789abcdef_" + std::string(43, 'A')}});
  CHECK(guarded.status == 503);
  CHECK(has(guarded.body, "DATABASE_UNAVAILABLE"));
}

TEST_CASE("app: the table of settings holds the app's and the services' settings") {
  const auto docs = collect_setting_docs(options_of({}));
  const auto find = [&docs](const std::string& name) {
    return std::find_if(docs.begin(), docs.end(), [&name](const SettingDoc& doc) { return doc.name == name; });
  };
  REQUIRE(find("SAMPLE_SIZE") != docs.end());
  CHECK(find("SAMPLE_SIZE")->file == "tests/integration/service/app.cpp");
  REQUIRE(find("CARILLON_PAYLOAD_KEY") != docs.end());
  CHECK(find("CARILLON_PAYLOAD_KEY")->secret);
  CHECK(find("CARILLON_PAYLOAD_KEY")->required);
  CHECK(find("CARILLON_PAYLOAD_KEY")->file == "libs/service/app/app_settings.cpp");
  CHECK(find("CARILLON_HTTP_PORT")->default_value == "8080");
  CHECK(find("CARILLON_INSTANCE")->default_value.empty());
}

}  // namespace
}  // namespace carillon::service
