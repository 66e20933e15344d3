#include "values/sms_segments.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace carillon;

namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

void check(const std::string& text, SmsEncoding encoding, int units, int segments) {
  CAPTURE(text);
  const SmsSegments found = sms_segments(text);
  CHECK(found.encoding == encoding);
  CHECK(found.units == units);
  CHECK(found.segments == segments);
}

}  // namespace

TEST_CASE("sms segments: an empty text needs none") {
  check("", SmsEncoding::GSM_7, 0, 0);
}

TEST_CASE("sms segments: GSM-7 holds 160 septets, then 153 in each part") {
  check("a", SmsEncoding::GSM_7, 1, 1);
  check(repeated("a", 160), SmsEncoding::GSM_7, 160, 1);
  check(repeated("a", 161), SmsEncoding::GSM_7, 161, 2);
  check(repeated("a", 306), SmsEncoding::GSM_7, 306, 2);
  check(repeated("a", 307), SmsEncoding::GSM_7, 307, 3);
}

TEST_CASE("sms segments: the whole GSM-7 alphabet stays GSM-7") {
  const std::string alphabet =
      "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
      "abcdefghijklmnopqrstuvwxyzäöñüà";
  check(alphabet, SmsEncoding::GSM_7, 127, 1);  // all but the escape
}

TEST_CASE("sms segments: characters of the extension table count two") {
  check("\f^{}\\[~]|€", SmsEncoding::GSM_7, 20, 1);
  check(repeated("€", 80), SmsEncoding::GSM_7, 160, 1);
  check(repeated("€", 81), SmsEncoding::GSM_7, 162, 2);
}

TEST_CASE("sms segments: an extension character is not split across parts") {
  // 76 of them fill 152 of 153 septets of a part; the next one begins the next part.
  check(repeated("€", 152), SmsEncoding::GSM_7, 304, 2);
  check(repeated("€", 153), SmsEncoding::GSM_7, 306, 3);
  check("a" + repeated("€", 152), SmsEncoding::GSM_7, 305, 2);
}

TEST_CASE("sms segments: any other character makes it UCS-2") {
  for (const char* text : {"`", "ç", "á", "中", "\t", "\x7F", "\xFF"}) check(text, SmsEncoding::UCS_2, 1, 1);
  check("Hello 中", SmsEncoding::UCS_2, 7, 1);
}

TEST_CASE("sms segments: UCS-2 holds 70 units, then 67 in each part") {
  check(repeated("中", 69), SmsEncoding::UCS_2, 69, 1);
  check(repeated("中", 70), SmsEncoding::UCS_2, 70, 1);
  check(repeated("中", 71), SmsEncoding::UCS_2, 71, 2);
  check(repeated("中", 134), SmsEncoding::UCS_2, 134, 2);
  check(repeated("中", 135), SmsEncoding::UCS_2, 135, 3);
}

TEST_CASE("sms segments: an emoji counts two units and is not split across parts") {
  check("🔔", SmsEncoding::UCS_2, 2, 1);
  check(repeated("a", 67) + "🔔", SmsEncoding::UCS_2, 69, 1);
  check(repeated("a", 68) + "🔔", SmsEncoding::UCS_2, 70, 1);
  check(repeated("a", 69) + "🔔", SmsEncoding::UCS_2, 71, 2);
  check(repeated("🔔", 35), SmsEncoding::UCS_2, 70, 1);
  check(repeated("🔔", 66), SmsEncoding::UCS_2, 132, 2);
  check(repeated("🔔", 67), SmsEncoding::UCS_2, 134, 3);  // 33 in a part of 67 units
}
