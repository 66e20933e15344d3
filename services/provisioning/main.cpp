// carillon-provisioning: clients, their provisioning and their accounts as a program of its own. The database is made
// by `carillon migrate`.
#include "provisioning/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-provisioning";
  options.services = {carillon::provisioning::make_service};
  options.declare = {carillon::provisioning::declare_settings};
  return carillon::service::run_app(options);
}
