// The phone that a client's calls come in on, and how its calls are forwarded to the client's own number. Pure.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::provisioning {

enum class PhoneType { IPHONE, ANDROID, LANDLINE };

inline constexpr std::array<std::string_view, 3> phone_type_names{"IPHONE", "ANDROID", "LANDLINE"};

inline std::string_view name(PhoneType type) {
  return phone_type_names[static_cast<std::size_t>(type)];
}
std::optional<PhoneType> find_phone_type(std::string_view name);

// What somebody may write: "iPhone 15", "my android", "land line". nullopt for none of them, and for two of them.
std::optional<PhoneType> phone_type_in(std::string_view text);

// What to do on the phone so that its calls reach `number` (E.164). Codes of mobile phones: 3GPP TS 22.030, annex B
// (21: unconditional forwarding). Of landlines: *72 in North America, *21*number# elsewhere (ETSI ETS 300 738).
std::string forwarding_steps(PhoneType type, std::string_view number);

}  // namespace carillon::provisioning
