// carillon-health-aggregator: the health-aggregator as a program of its own. The database is made by `carillon
// migrate`.
#include "health-aggregator/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-health-aggregator";
  options.services = {carillon::health::make_service};
  options.declare = {carillon::health::declare_settings};
  return carillon::service::run_app(options);
}
