#include "provider-dispatcher/adapters/providers/sendgrid/settings.hpp"

#include "provider-dispatcher/adapters/providers/setting_names.hpp"

namespace carillon::dispatcher {

SendgridSettings SendgridSettings::read(service::Settings& settings) {
  SendgridSettings out;
  out.api_key = read_header_secret(settings, "SENDGRID_API_KEY",
                                   "API key of SendGrid with the scope Mail Send; without it sendgrid is skipped");
  out.identity = EmailIdentity::read(settings);
  out.base_url = without_trailing_slash(
      settings.url("SENDGRID_BASE_URL", "https://api.sendgrid.com",
                   "Where SendGrid's API is; https://api.eu.sendgrid.com for subusers in the EU"));
  out.rate_per_second = settings.number("SENDGRID_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to SendGrid, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("SENDGRID_CONCURRENCY", 32, 1, concurrency_max, "Calls to SendGrid at once from one process"));
  return out;
}

std::string SendgridSettings::missing() const {
  return names_of_missing({{"SENDGRID_API_KEY", !api_key.empty()}, {"EMAIL_SENDER", !identity.sender.empty()}});
}

}  // namespace carillon::dispatcher
