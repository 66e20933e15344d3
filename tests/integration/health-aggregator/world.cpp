#include "world.hpp"

#include "http/url.hpp"

namespace carillon::health::testing {

namespace {

constexpr int partitions = 4;

std::string key_for(World& world, const std::string& owner, const std::string& scope) {
  return security::create_api_key(world.owner(), owner, {scope}, world.clock.now());
}

pg::ConnectionSettings as_owner(const World& world) {
  pg::ConnectionSettings settings;
  settings.url = world.url();
  return settings;
}

}  // namespace

RunningService::RunningService(World& world, const std::string& payload_keys)
    : admin_key(key_for(world, "ops", "admin")),
      shop_key(key_for(world, "shop", "notifications:read")),
      other_key(key_for(world, "other", "notifications:read")),
      world_(world),
      http_(io_),
      bell_(as_owner(world)),
      pool_(as_owner(world), 4),
      api_keys_(pool_, world.clock),
      sessions_(pool_, world.clock, {}),
      sealer_(*security::Sealer::from_text(payload_keys)) {
  platform_ = std::make_unique<service::Platform>(service::Platform{world.clock, io_, http_, world.metrics, bell_,
                                                                    api_keys_, sessions_, sealer_, "test", world.url(),
                                                                    partitions, std::chrono::hours{72}});
  bus::PostgresBusSettings bus_settings;
  bus_settings.connection = as_owner(world);
  bus_settings.partitions = partitions;
  producer_ = bus::make_postgres_bus(bus_settings, bell_, world.clock);
  service::Settings settings({{"CARILLON_AUDIT_KEY", security::hex(audit_key)}});
  service_ = make_service(settings, *platform_);
  settings.finish();
  service_->routes(router_);
}

RunningService::~RunningService() {
  if (started_) service_->stop();
}

http::Response RunningService::get(const std::string& path, const std::map<std::string, std::string>& query,
                                   const std::string& key) {
  http::Request request;
  request.method = http::Method::GET;
  request.path = path;
  request.target = path;
  request.query = query;
  return answer(std::move(request), key);
}

http::Response RunningService::post(const std::string& path, const std::string& json, const std::string& key) {
  http::Request request;
  request.method = http::Method::POST;
  request.path = path;
  request.target = path;
  request.headers = {{"Content-Type", "application/json"}};
  request.body = json;
  return answer(std::move(request), key);
}

http::Response RunningService::answer(http::Request request, const std::string& key) {
  request.headers.emplace_back("Authorization", "Bearer " + (key.empty() ? admin_key : key));
  bool path_known = false;
  std::string allowed;
  const http::Route* route = router_.find(request, path_known, allowed);
  if (route == nullptr) return http::problem(404, "NO_ROUTE", request.path);
  if (auto refused = route->guard(request)) return *refused;
  return route->handler(request);
}

http::Response RunningService::call(http::Method method, const std::string& target, http::Fields headers,
                                    std::string body) {
  http::Request request;
  request.method = method;
  request.target = target;
  request.headers = std::move(headers);
  request.body = std::move(body);
  bool path_known = false;
  std::string allowed;
  if (!http::split_target(request)) return http::problem(400, "MALFORMED_TARGET", target);
  const http::Route* route = router_.find(request, path_known, allowed);
  if (route == nullptr) return http::problem(404, "NO_ROUTE", target);
  if (auto refused = route->guard(request)) return *refused;
  return route->handler(request);
}

bool RunningService::until(const std::function<bool()>& done) {
  constexpr std::chrono::seconds limit{20};
  const auto deadline = std::chrono::steady_clock::now() + limit;
  std::uint64_t seen = 0;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    seen = bell_.wait(bus::topics::audit.table, seen, std::chrono::milliseconds{20});
  }
  return true;
}

}  // namespace carillon::health::testing
