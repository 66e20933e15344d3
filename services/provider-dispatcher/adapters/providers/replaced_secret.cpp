#include "provider-dispatcher/adapters/providers/replaced_secret.hpp"

#include <algorithm>

#include "provider-dispatcher/adapters/providers/email_identity.hpp"

namespace carillon::dispatcher {

namespace {

std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::vector<std::string> read_replaced_secret(service::Settings& settings, const std::string& name,
                                              const std::string& description) {
  const std::string value = read_header_secret(settings, name, description);
  std::vector<std::string> secrets;
  if (value.empty()) return secrets;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t comma = std::min(value.find(',', at), value.size());
    secrets.push_back(without_blanks(value.substr(at, comma - at)));
    at = comma + 1;
  }
  const bool any_empty = std::any_of(secrets.begin(), secrets.end(), [](const auto& one) { return one.empty(); });
  if (!any_empty && secrets.size() <= replaced_secrets_max) return secrets;
  settings.error(name + " must be one secret, or two separated by a comma while it is replaced");
  return {};
}

}  // namespace carillon::dispatcher
