// carillon-otp: one-time codes as a program of its own. The database is made by `carillon migrate`.
#include "otp/service.hpp"
#include "service/service.hpp"

int main() {
  carillon::service::AppOptions options;
  options.name = "carillon-otp";
  options.services = {carillon::otp::make_service};
  options.declare = {carillon::otp::declare_settings};
  return carillon::service::run_app(options);
}
