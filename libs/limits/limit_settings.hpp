// Limits and proxies as settings: what can't be read is an error of the settings, with the name to mend.
#pragma once
#include <source_location>
#include <string>
#include <vector>

#include "limits/client_address.hpp"
#include "limits/rate_limit.hpp"
#include "service/settings.hpp"

namespace carillon {

// "3/30m"; without a limit when it can't be read.
RateLimit rate_limit_setting(service::Settings& settings, const std::string& name, const std::string& default_value,
                             const std::string& description,
                             std::source_location where = std::source_location::current());

// Addresses and networks, none by default.
std::vector<Network> networks_setting(service::Settings& settings, const std::string& name,
                                      const std::string& description,
                                      std::source_location where = std::source_location::current());

}  // namespace carillon
