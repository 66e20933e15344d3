// The providers that the sandbox stands in for.
#pragma once
#include <array>
#include <optional>
#include <string_view>

namespace carillon::sandbox {

enum class ProviderName { POSTMARK, TWILIO, SMTP, CONSOLE };

inline constexpr std::array<std::string_view, 4> provider_names{"postmark", "twilio", "smtp", "console"};

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
  return provider == ProviderName::POSTMARK || provider == ProviderName::SMTP ? "EMAIL" : "SMS";
}

}  // namespace carillon::sandbox
