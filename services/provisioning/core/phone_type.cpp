#include "provisioning/core/phone_type.hpp"

#include <fmt/format.h>

#include "provisioning/core/answer_words.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {

namespace {

constexpr std::string_view north_america = "+1";

std::string landline_steps(std::string_view number) {
  const std::string_view digits = number.substr(1);
  if (calling_code(number) == north_america)
    return fmt::format(
        "To forward your calls to {}: on your landline dial *72, wait for the tone, dial {} and hang up after the "
        "confirmation.",
        number, digits);
  return fmt::format("To forward your calls to {}: on your landline dial *21*00{}# and hang up after the confirmation.",
                     number, digits);
}

}  // namespace

std::optional<PhoneType> find_phone_type(std::string_view wanted) {
  for (const PhoneType type : {PhoneType::IPHONE, PhoneType::ANDROID, PhoneType::LANDLINE})
    if (name(type) == wanted) return type;
  return std::nullopt;
}

std::optional<PhoneType> phone_type_in(std::string_view text) {
  const std::string letters = letters_and_digits(text);
  std::optional<PhoneType> found;
  for (const PhoneType type : {PhoneType::IPHONE, PhoneType::ANDROID, PhoneType::LANDLINE}) {
    if (letters.find(name(type)) == std::string::npos) continue;
    if (found) return std::nullopt;
    found = type;
  }
  return found;
}

std::string forwarding_steps(PhoneType type, std::string_view number) {
  switch (type) {
    case PhoneType::IPHONE:
      return fmt::format(
          "To forward your calls to {0}: on your iPhone open Settings > Apps > Phone > Call Forwarding, switch it on "
          "and "
          "enter {0}.",
          number);
    case PhoneType::ANDROID:
      return fmt::format(
          "To forward your calls to {0}: on your Android phone open the dialler, dial **21*{0}# and wait for the "
          "confirmation.",
          number);
    default:
      return landline_steps(number);
  }
}

}  // namespace carillon::provisioning
