#include "service/service.hpp"

namespace carillon::service {
namespace {

constexpr std::size_t application_name_bytes_max = 63;  // NAMEDATALEN - 1; PostgreSQL cuts what is longer

}  // namespace

pg::ConnectionSettings Platform::connection(const std::string& role, const std::string& purpose) const {
  pg::ConnectionSettings settings;
  settings.url = database_url;
  settings.role = role;
  settings.application_name = (purpose + " " + instance).substr(0, application_name_bytes_max);
  return settings;
}

}  // namespace carillon::service
