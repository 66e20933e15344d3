// carillon-billing-ingest: Stripe's events as a program of its own. The database is made by `carillon migrate`.
#include "billing-ingest/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-billing-ingest";
  options.services = {carillon::billing::make_service};
  options.declare = {carillon::billing::declare_settings};
  return carillon::service::run_app(options);
}
