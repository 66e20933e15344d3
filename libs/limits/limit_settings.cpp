#include "limits/limit_settings.hpp"

namespace carillon {

RateLimit rate_limit_setting(service::Settings& settings, const std::string& name, const std::string& default_value,
                             const std::string& description, std::source_location where) {
  const auto read = parse_rate_limit(settings.text(name, default_value, description, where));
  if (read) return *read;
  settings.error(name + ": " + read.error().detail);
  return {};
}

std::vector<Network> networks_setting(service::Settings& settings, const std::string& name,
                                      const std::string& description, std::source_location where) {
  std::vector<Network> networks;
  for (const std::string& text : settings.list(name, "", description, where)) {
    const auto network = parse_network(text);
    if (network) {
      networks.push_back(*network);
    } else {
      settings.error(name + ": " + network.error().detail);
    }
  }
  return networks;
}

}  // namespace carillon
