// A secret that is being replaced: for a while the new one and the old one are both good, separated by a comma.
#pragma once
#include <string>
#include <vector>

#include "service/settings.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t replaced_secrets_max = 2;

// In the order given, without the blanks around them; none when it is not set. More than replaced_secrets_max, an empty
// one beside another, or a control character is an error of the settings.
std::vector<std::string> read_replaced_secret(service::Settings& settings, const std::string& name,
                                              const std::string& description);

}  // namespace carillon::dispatcher
