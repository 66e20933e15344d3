// carillon-provider-dispatcher: the provider-dispatcher as a program of its own. The database is made by `carillon
// migrate`.
#include "provider-dispatcher/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-provider-dispatcher";
  options.services = {carillon::dispatcher::make_service};
  options.declare = {carillon::dispatcher::declare_settings};
  return carillon::service::run_app(options);
}
