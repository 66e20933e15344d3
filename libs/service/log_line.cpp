#include "service/log_line.hpp"

#include <algorithm>
#include <array>

#include "values/recipient.hpp"
#include "values/utf8.hpp"

namespace carillon::log {
namespace {

constexpr std::array<std::string_view, 4> masked_words{"recipient", "phone", "email", "phone_e164"};
constexpr std::array<std::string_view, 8> redacted_words{"token",         "secret", "password", "api_key",
                                                         "authorization", "cookie", "pepper",   "payload_key"};
// "code" only by itself and of one-time codes: error_code, status_code, provider_code say what went wrong.
constexpr std::array<std::string_view, 4> redacted_names{"code", "otp_code", "verification_code", "one_time_code"};

bool is_or_ends_with(std::string_view name, std::string_view word) {
  if (name.size() == word.size()) return name == word;
  return name.size() > word.size() && name.substr(name.size() - word.size()) == word &&
         name[name.size() - word.size() - 1] == '_';
}

template <class Words>
bool says(std::string_view name, const Words& words) {
  return std::any_of(words.begin(), words.end(), [name](std::string_view word) { return is_or_ends_with(name, word); });
}

bool is_redacted(std::string_view name) {
  return says(name, redacted_words) ||
         std::find(redacted_names.begin(), redacted_names.end(), name) != redacted_names.end();
}

bool is_masked(std::string_view name) {
  return name == "to" || says(name, masked_words);
}

void append_string(std::string& out, std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : valid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_value(std::string& out, std::string_view name, const Value& value) {
  if (is_redacted(name)) {
    out += "\"[redacted]\"";
  } else if (is_masked(name)) {
    append_string(out, value.text().empty() ? std::string() : masked(value.text()));
  } else if (value.raw() && value.text().find('n') == std::string::npos) {  // not "nan" or "inf"
    out += value.text();
  } else {
    append_string(out, value.text());
  }
}

const char* level_name(Level level) {
  switch (level) {
    case Level::DEBUG:
      return "debug";
    case Level::INFO:
      return "info";
    case Level::WARN:
      return "warn";
    case Level::ERROR:
      return "error";
  }
  return "error";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += out.size() > 1 ? "," : "";
  append_string(out, name);
  out += ':';
  append_string(out, text);
}

}  // namespace

std::string line(UtcTime now, Level level, std::string_view service, std::string_view event,
                 std::initializer_list<Field> fields, std::string_view trace_id) {
  std::string out = "{";
  append_member(out, "ts", to_rfc3339(now));
  append_member(out, "level", level_name(level));
  append_member(out, "service", service);
  append_member(out, "event", event);
  for (const Field& field : fields) {
    out += ',';
    append_string(out, field.first);
    out += ':';
    append_value(out, field.first, field.second);
  }
  if (!trace_id.empty()) append_member(out, "trace_id", trace_id);
  out += '}';
  return out;
}

}  // namespace carillon::log
