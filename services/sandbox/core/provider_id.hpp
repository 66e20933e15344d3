// Ids in the providers' own forms, made from 32 hex digits. Pure.
#pragma once
#include <string>
#include <string_view>

namespace carillon::sandbox {

// 8-4-4-4-12, with the version and variant digits of a random UUID in the place of two of the digits.
inline std::string uuid_form(std::string_view hex) {
  std::string out;
  out.reserve(36);
  out.append(hex, 0, 8).append("-").append(hex, 8, 4).append("-4").append(hex, 12, 3).append("-8");
  out.append(hex, 15, 3).append("-").append(hex, 20, 12);
  return out;
}

}  // namespace carillon::sandbox
