#include "provider-dispatcher/adapters/providers/ses/settings.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/setting_names.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t configuration_set_chars_max = 64;  // SES, CreateConfigurationSet

bool is_configuration_set(std::string_view name) {
  return name.size() <= configuration_set_chars_max && std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
         });
}

}  // namespace

SesSettings SesSettings::read(service::Settings& settings) {
  SesSettings out;
  out.identity = EmailIdentity::read(settings);
  out.configuration_set =
      settings.text("SES_CONFIGURATION_SET", "", "Configuration set of SES, for events; empty = the account's default");
  if (!is_configuration_set(out.configuration_set)) {
    settings.error("SES_CONFIGURATION_SET must have at most 64 letters, digits, _ or -");
    out.configuration_set.clear();
  }
  out.base_url = without_trailing_slash(
      settings.url("SES_BASE_URL", "", "Where SES's API is; empty = https://email.{AWS_REGION}.amazonaws.com"));
  out.rate_per_second = settings.number("SES_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to SES, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("SES_CONCURRENCY", 32, 1, concurrency_max, "Calls to SES at once from one process"));
  return out;
}

}  // namespace carillon::dispatcher
