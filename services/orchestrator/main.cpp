// carillon-orchestrator: the orchestrator as a program of its own. The database is made by `carillon migrate`.
#include "orchestrator/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-orchestrator";
  options.services = {[](carillon::service::Settings& settings, carillon::service::Platform& platform) {
    return carillon::orchestrator::make_service(settings, platform);
  }};
  options.declare = {carillon::orchestrator::declare_settings};
  return carillon::service::run_app(options);
}
