#include "values/recipient.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "values/lower_case.hpp"
#include "values/utf8.hpp"

namespace carillon {
namespace {

constexpr std::size_t phone_digits_min = 7;
constexpr std::size_t phone_digits_max = 15;
constexpr std::size_t domain_label_chars_max = 63;
constexpr std::size_t shown_tail_digits_max = 3;
constexpr std::size_t hidden_digits_min = 4;
constexpr std::string_view webhook_scheme = "https://";
constexpr std::size_t port_digits_max = 5;

// ITU-T, List of recommendation E.164 assigned country codes, with the shared networks and services.
constexpr int country_codes[] = {
    1,   7,   20,  27,  30,  31,  32,  33,  34,  36,  39,  40,  41,  43,  44,  45,  46,  47,  48,  49,  51,  52,
    53,  54,  55,  56,  57,  58,  60,  61,  62,  63,  64,  65,  66,  81,  82,  84,  86,  90,  91,  92,  93,  94,
    95,  98,  211, 212, 213, 216, 218, 220, 221, 222, 223, 224, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234,
    235, 236, 237, 238, 239, 240, 241, 242, 243, 244, 245, 246, 247, 248, 249, 250, 251, 252, 253, 254, 255, 256,
    257, 258, 260, 261, 262, 263, 264, 265, 266, 267, 268, 269, 290, 291, 297, 298, 299, 350, 351, 352, 353, 354,
    355, 356, 357, 358, 359, 370, 371, 372, 373, 374, 375, 376, 377, 378, 379, 380, 381, 382, 383, 385, 386, 387,
    389, 420, 421, 423, 500, 501, 502, 503, 504, 505, 506, 507, 508, 509, 590, 591, 592, 593, 594, 595, 596, 597,
    598, 599, 670, 672, 673, 674, 675, 676, 677, 678, 679, 680, 681, 682, 683, 685, 686, 687, 688, 689, 690, 691,
    692, 800, 808, 850, 852, 853, 855, 856, 870, 878, 880, 881, 882, 883, 886, 888, 960, 961, 962, 963, 964, 965,
    966, 967, 968, 970, 971, 972, 973, 974, 975, 976, 977, 979, 992, 993, 994, 995, 996, 998};

constexpr std::array<bool, 1000> assigned = [] {
  std::array<bool, 1000> codes{};
  for (const int code : country_codes) codes[static_cast<std::size_t>(code)] = true;
  return codes;
}();

// How many digits of `digits` are its country code; 0 when there is none. No assigned code begins with another one.
std::size_t country_code_length(std::string_view digits) {
  std::size_t code = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, digits.size()); ++i) {
    code = code * 10 + static_cast<std::size_t>(digits[i] - '0');
    if (code == 0) return 0;
    if (assigned[code]) return i + 1;
  }
  return 0;
}

Failure phone_refused(const char* why) {
  return {"INVALID_PHONE_NUMBER", std::string("phone number: ") + why};
}

Failure email_refused(const char* why) {
  return {"INVALID_EMAIL_ADDRESS", std::string("e-mail address: ") + why};
}

Failure webhook_refused(const char* why) {
  return {"INVALID_WEBHOOK_URL", std::string("webhook URL: ") + why};
}

bool is_ascii_alphanumeric(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Beyond ASCII everything is allowed but controls, spaces and the invisible characters that fake another address.
bool is_visible_non_ascii(char32_t c) {
  const bool control = c < 0xA0;
  const bool space = c == 0xA0 || c == 0x1680 || c == 0x202F || c == 0x205F || c == 0x3000;
  const bool formatting = (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                          (c >= 0x2060 && c <= 0x206F) || c == 0xAD || c == 0x061C || c == 0xFEFF ||
                          (c >= 0xFFF0 && c <= 0xFFFF);
  return c >= 0x80 && c != malformed_utf8 && !control && !space && !formatting;
}

bool is_atom_character(char32_t c) {
  if (c >= 0x80) return is_visible_non_ascii(c);
  return is_ascii_alphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(static_cast<char>(c)) != std::string_view::npos;
}

bool is_label_character(char32_t c) {
  return c >= 0x80 ? is_visible_non_ascii(c) : is_ascii_alphanumeric(c) || c == '-';
}

template <class Allowed>
bool consists_of(std::string_view text, Allowed allowed) {
  for (std::size_t at = 0; at < text.size();) {
    if (!allowed(next_code_point(text, at))) return false;
  }
  return !text.empty();
}

// nullptr when every part between the dots passes, else why one does not.
template <class Check>
const char* first_objection(std::string_view dotted, Check check) {
  for (;;) {
    const std::size_t dot = dotted.find('.');
    if (const char* why = check(dotted.substr(0, dot))) return why;
    if (dot == std::string_view::npos) return nullptr;
    dotted.remove_prefix(dot + 1);
  }
}

const char* local_part_objection(std::string_view local) {
  if (local.size() > email_local_chars_max) return "the part before the @ is longer than 64 characters";
  return first_objection(local, [](std::string_view atom) {
    return consists_of(atom, is_atom_character)
               ? nullptr
               : "the part before the @ is empty or has a character that is not allowed";
  });
}

const char* domain_objection(std::string_view domain) {
  const std::size_t last_dot = domain.rfind('.');
  if (last_dot == std::string_view::npos) return "the domain after the @ needs a dot, as in example.com";
  const std::string_view top = domain.substr(last_dot + 1);
  if (std::ranges::all_of(top, [](char c) { return c >= '0' && c <= '9'; })) return "the domain ends with a number";
  return first_objection(domain, [](std::string_view label) -> const char* {
    if (label.size() > domain_label_chars_max) return "a part of the domain is longer than 63 characters";
    if (!consists_of(label, is_label_character) || label.front() == '-' || label.back() == '-') {
      return "the domain is empty or has a character that is not allowed";
    }
    return nullptr;
  });
}

// RFC 3986, 2: what a path and a query are made of.
bool is_url_character(char c) {
  return is_ascii_alphanumeric(static_cast<unsigned char>(c)) ||
         std::string_view("-._~!$&'()*+,;=:@%/?").find(c) != std::string_view::npos;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= port_digits_max &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

const char* authority_objection(std::string_view authority) {
  if (authority.find('@') != std::string_view::npos) return "must not hold a user name";
  const std::size_t colon = authority.find(':');
  if (colon != std::string_view::npos && !is_port(authority.substr(colon + 1))) return "the port is not a number";
  const char* const bad_host = "needs a host name of letters, digits, - and .";
  return first_objection(authority.substr(0, colon), [&](std::string_view label) -> const char* {
    const bool fits = label.size() <= domain_label_chars_max &&
                      consists_of(label, [](char32_t c) { return is_ascii_alphanumeric(c) || c == '-'; });
    return fits ? nullptr : bad_host;
  });
}

}  // namespace

Result<std::string> parse_e164(std::string_view text) {
  if (text.empty() || text.front() != '+')
    return phone_refused("must begin with + and the country code, as in +447700900123");
  const std::string_view digits = text.substr(1);
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) {
    return phone_refused("only the digits 0 to 9 may follow the +, without spaces");
  }
  if (digits.size() < phone_digits_min || digits.size() > phone_digits_max)
    return phone_refused("must have 7 to 15 digits");
  if (country_code_length(digits) == 0) return phone_refused("the country code is not assigned");
  return std::string(text);
}

Result<std::string> parse_email(std::string_view text) {
  if (text.size() > email_chars_max) return email_refused("is longer than 254 characters");
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return email_refused("the @ is missing");
  if (const char* why = local_part_objection(text.substr(0, at))) return email_refused(why);
  if (const char* why = domain_objection(text.substr(at + 1))) return email_refused(why);
  return std::string(text.substr(0, at)) + lower_case(text.substr(at));
}

std::string_view calling_code(std::string_view e164) {
  return e164.substr(0, 1 + country_code_length(e164.substr(1)));
}

std::string canonical_recipient(std::string_view recipient) {
  const bool is_email = recipient.find('@') != std::string_view::npos && !recipient.starts_with(webhook_scheme);
  return is_email ? lower_case(recipient) : std::string(recipient);
}

Result<std::string> parse_webhook_url(std::string_view text) {
  if (text.size() > webhook_url_chars_max) return webhook_refused("is longer than 2000 characters");
  if (lower_case(text.substr(0, webhook_scheme.size())) != webhook_scheme)
    return webhook_refused("must begin with https://");
  const std::string_view rest = text.substr(webhook_scheme.size());
  const std::size_t slash = rest.find('/');
  if (slash == std::string_view::npos || slash + 1 == rest.size()) return webhook_refused("the path is missing");
  if (const char* why = authority_objection(rest.substr(0, slash))) return webhook_refused(why);
  if (!std::ranges::all_of(rest.substr(slash), is_url_character))
    return webhook_refused("has a character that is not allowed");
  return std::string(webhook_scheme) + lower_case(rest.substr(0, slash)) + std::string(rest.substr(slash));
}

std::string masked(std::string_view recipient) {
  if (parse_e164(recipient)) {
    const std::string_view digits = recipient.substr(1);
    const std::size_t code = country_code_length(digits);
    const std::size_t national = digits.size() - code;
    const std::size_t tail =
        std::min(shown_tail_digits_max, national > hidden_digits_min ? national - hidden_digits_min : 0);
    return "+" + std::string(digits.substr(0, code)) + std::string(national - tail, '*') +
           std::string(digits.substr(digits.size() - tail));
  }
  if (const Result<std::string> email = parse_email(recipient)) {
    std::size_t first_end = 0;
    next_code_point(*email, first_end);
    return email->substr(0, first_end) + "***" + email->substr(email->rfind('@'));
  }
  if (const Result<std::string> url = parse_webhook_url(recipient))
    return url->substr(0, url->find('/', webhook_scheme.size())) + "/…";
  return "***";
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace carillon
