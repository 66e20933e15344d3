#include "values/sms_segments.hpp"

#include <cstddef>

#include "values/utf8.hpp"

namespace carillon {
namespace {

constexpr int gsm7_single_septets = 160, gsm7_part_septets = 153;
constexpr int ucs2_single_units = 70, ucs2_part_units = 67;

// 3GPP TS 23.038, 6.2.1: the default alphabet beyond the ASCII characters that keep their place or merely move.
constexpr std::u32string_view gsm7_beyond_ascii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
// 6.2.1.1: the extension table; each takes an escape septet before it.
constexpr std::u32string_view gsm7_extension = U"\f^{}\\[~]|€";

// Septets a character takes; 0 when the alphabet does not have it.
int gsm7_septets(char32_t c) {
  if (gsm7_extension.find(c) != std::u32string_view::npos) return 2;
  if (c == '\n' || c == '\r') return 1;
  if (c < 0x80) return c >= ' ' && c != '`' && c != 0x7F ? 1 : 0;
  return gsm7_beyond_ascii.find(c) != std::u32string_view::npos ? 1 : 0;
}

int utf16_units(char32_t c) {
  return c != malformed_utf8 && c > 0xFFFF ? 2 : 1;
}

// Fills parts one after the other; a character of two units never lies across two parts.
class Parts {
 public:
  explicit Parts(int part_units) : part_units_(part_units) {}
  void add(int units) {
    total_ += units;
    used_ += units;
    if (used_ > part_units_) {
      ++parts_;
      used_ = units;
    }
  }
  int total() const { return total_; }
  int segments(int single_units) const { return total_ == 0 ? 0 : total_ <= single_units ? 1 : parts_; }

 private:
  int part_units_;
  int total_ = 0;
  int used_ = 0;
  int parts_ = 1;
};

}  // namespace

SmsSegments sms_segments(std::string_view utf8_text) {
  Parts gsm7(gsm7_part_septets);
  Parts ucs2(ucs2_part_units);
  bool is_gsm7 = true;
  for (std::size_t at = 0; at < utf8_text.size();) {
    const char32_t c = next_code_point(utf8_text, at);
    const int septets = gsm7_septets(c);
    is_gsm7 = is_gsm7 && septets > 0;
    gsm7.add(septets);
    ucs2.add(utf16_units(c));
  }
  if (is_gsm7) return {SmsEncoding::GSM_7, gsm7.total(), gsm7.segments(gsm7_single_septets)};
  return {SmsEncoding::UCS_2, ucs2.total(), ucs2.segments(ucs2_single_units)};
}

}  // namespace carillon
