// The providers that the sandbox stands in for.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace carillon::sandbox {

enum class ProviderName { POSTMARK, TWILIO, SMTP, CONSOLE, SES, SNS, SENDGRID, SLACK };

inline constexpr std::array<std::string_view, 8> provider_names{"postmark", "twilio", "smtp",     "console",
                                                                "ses",      "sns",    "sendgrid", "slack"};
inline constexpr std::string_view provider_names_text = "postmark, twilio, smtp, console, ses, sns, sendgrid or slack";

constexpr std::string_view to_string(ProviderName provider) {
  return provider_names[static_cast<std::size_t>(provider)];
}
constexpr std::optional<ProviderName> provider_from(std::string_view name) {
  for (std::size_t i = 0; i < provider_names.size(); ++i) {
    if (provider_names[i] == name) return static_cast<ProviderName>(i);
  }
  return std::nullopt;
}
constexpr std::string_view channel_of(ProviderName provider) {
  switch (provider) {
    case ProviderName::TWILIO:
    case ProviderName::CONSOLE:
    case ProviderName::SNS:
      return "SMS";
    case ProviderName::SLACK:
      return "SLACK";
    default:
      return "EMAIL";
  }
}

// As pages list them: by channel.
inline constexpr std::array<ProviderName, provider_names.size()> providers_by_channel{
    ProviderName::POSTMARK, ProviderName::SES,    ProviderName::SENDGRID, ProviderName::SMTP,
    ProviderName::SNS,      ProviderName::TWILIO, ProviderName::CONSOLE,  ProviderName::SLACK};

}  // namespace carillon::sandbox
