#include "otp/core/code.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "security/digest.hpp"

namespace carillon::otp {
namespace {

constexpr std::uint32_t codes = 1'000'000;
constexpr std::uint32_t even_below = UINT32_MAX - UINT32_MAX % codes;  // above it low codes would come more often

}  // namespace

std::string new_code() {
  std::uint32_t random = 0;
  do {
    const std::string bytes = security::random_bytes(sizeof random);
    std::memcpy(&random, bytes.data(), sizeof random);
  } while (random >= even_below);
  std::string code(code_digits, '0');
  for (std::size_t i = code_digits; i-- > 0; random /= 10) code[i] = static_cast<char>('0' + random % 10);
  return code;
}

bool is_code(std::string_view text) {
  return text.size() == code_digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string code_mac(std::string_view pepper, std::string_view challenge_id, std::string_view recipient, Action action,
                     std::string_view code) {
  std::string text;
  for (const std::string_view part : {challenge_id, recipient, facts(action).name, code}) {
    text += std::to_string(part.size());  // so that no two lists of parts make the same text
    text += ':';
    text += part;
  }
  return security::hmac_sha256(pepper, text);
}

}  // namespace carillon::otp
