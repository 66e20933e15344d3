#include "provider-dispatcher/adapters/providers/sns/settings.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/setting_names.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t sender_id_chars_max =
    11;  // https://docs.aws.amazon.com/sms-voice/latest/userguide/sender-id.html

bool is_sender_id(std::string_view text) {
  const auto is_letter = [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; };
  return text.size() <= sender_id_chars_max && std::any_of(text.begin(), text.end(), is_letter) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; });
}

}  // namespace

SnsSettings SnsSettings::read(service::Settings& settings) {
  SnsSettings out;
  out.sms_type = settings.one_of("SNS_SMS_TYPE", "Transactional", {"Promotional", "Transactional"},
                                 "How SNS sends SMS: Transactional is more reliable, Promotional may cost less");
  out.sender_id = settings.text("SNS_SENDER_ID", "",
                                "Name that SMS come from, in countries that allow one; empty = the account's default");
  if (!out.sender_id.empty() && !is_sender_id(out.sender_id)) {
    settings.error("SNS_SENDER_ID must have 1 to 11 letters, digits or -, at least one letter");
    out.sender_id.clear();
  }
  out.base_url = without_trailing_slash(
      settings.url("SNS_BASE_URL", "", "Where SNS's API is; empty = https://sns.{AWS_REGION}.amazonaws.com"));
  out.rate_per_second = settings.number("SNS_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to SNS, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("SNS_CONCURRENCY", 32, 1, concurrency_max, "Calls to SNS at once from one process"));
  return out;
}

}  // namespace carillon::dispatcher
