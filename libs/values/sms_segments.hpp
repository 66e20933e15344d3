// How many SMS segments a text needs (3GPP TS 23.038): GSM-7 160/153 septets (extension characters count two),
// UCS-2 70/67 code units (characters outside the BMP count two and are never split).
#pragma once
#include <string_view>

namespace carillon {

enum class SmsEncoding { GSM_7, UCS_2 };

struct SmsSegments {
  SmsEncoding encoding;
  int units;     // septets or UTF-16 code units
  int segments;  // 0 for an empty text
};

SmsSegments sms_segments(std::string_view utf8_text);

}  // namespace carillon
