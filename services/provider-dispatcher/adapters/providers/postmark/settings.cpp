#include "provider-dispatcher/adapters/providers/postmark/settings.hpp"

#include "provider-dispatcher/adapters/providers/setting_names.hpp"

namespace carillon::dispatcher {

PostmarkSettings PostmarkSettings::read(service::Settings& settings) {
  PostmarkSettings out;
  out.server_token =
      read_header_secret(settings, "POSTMARK_SERVER_TOKEN", "Server token of Postmark; without it postmark is skipped");
  out.message_stream = settings.text("POSTMARK_MESSAGE_STREAM", "outbound", "Message stream of Postmark");
  out.identity = EmailIdentity::read(settings);
  out.base_url = without_trailing_slash(settings.url("POSTMARK_BASE_URL", "https://api.postmarkapp.com",
                                                     "Where Postmark's API is; for tests and the sandbox"));
  out.rate_per_second = settings.number("POSTMARK_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to Postmark, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("POSTMARK_CONCURRENCY", 32, 1, concurrency_max, "Calls to Postmark at once from one process"));
  return out;
}

std::string PostmarkSettings::missing() const {
  return names_of_missing(
      {{"POSTMARK_SERVER_TOKEN", !server_token.empty()}, {"EMAIL_SENDER", !identity.sender.empty()}});
}

}  // namespace carillon::dispatcher
