#include "sandbox/core/order_fields.hpp"

#include "values/recipient.hpp"

namespace carillon::sandbox {

std::string read_text(const rapidjson::Value& value, std::string& out) {
  if (!value.IsString() || value.GetStringLength() > order_text_bytes_max) return "must be a text";
  out.assign(value.GetString(), value.GetStringLength());
  return {};
}

std::string read_word(const rapidjson::Value& value, std::string& out) {
  if (std::string problem = read_text(value, out); !problem.empty()) return problem;
  return has_control_characters(out) ? "must not hold control characters" : "";
}

std::string read_integer(const rapidjson::Value& value, std::int64_t min, std::int64_t max, std::int64_t& out) {
  if (!value.IsInt64() || value.GetInt64() < min || value.GetInt64() > max) {
    return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  }
  out = value.GetInt64();
  return {};
}

std::string read_flag(const rapidjson::Value& value, bool& out) {
  if (!value.IsBool()) return "must be true or false";
  out = value.GetBool();
  return {};
}

}  // namespace carillon::sandbox
