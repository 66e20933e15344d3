#pragma once
#include <string>
#include <vector>

#include "service/settings.hpp"

namespace carillon::dispatcher {

struct TwilioSettings {
  std::string account_sid;            // TWILIO_ACCOUNT_SID
  std::string auth_token;             // TWILIO_AUTH_TOKEN, the first of two
  std::string messaging_service_sid;  // TWILIO_MESSAGING_SERVICE_SID, preferred
  std::string phone_number;           // TWILIO_PHONE_NUMBER
  std::string status_callback_url;    // read_twilio_status_url(), "" = no receipts
  std::string base_url;               // TWILIO_BASE_URL, without a trailing slash
  double rate_per_second = 0;         // TWILIO_RATE_PER_SECOND
  int concurrency = 32;               // TWILIO_CONCURRENCY

  static TwilioSettings read(service::Settings& settings);
  std::string missing() const;
};

// What calls are made with and their receipts are checked with. Both are read here, so that a call asks for receipts
// exactly where they are believed.
//
// TWILIO_AUTH_TOKEN: the first is used for calls, receipts may be signed with either of two.
std::vector<std::string> read_twilio_auth_tokens(service::Settings& settings);
// TWILIO_STATUS_CALLBACK_URL, else the webhook's path under CARILLON_PUBLIC_URL; "": no receipts are asked for.
std::string read_twilio_status_url(service::Settings& settings);
// Where Twilio reaches /api/webhooks/twilio/answers: beside the status URL. "" when that ends in another way.
std::string twilio_answers_url(const std::string& status_url);

}  // namespace carillon::dispatcher
