// Reading the members of an order: each returns "" when all is well, else what is wrong with the value. Pure.
#pragma once
#include <rapidjson/document.h>

#include <cstdint>
#include <string>

namespace carillon::sandbox {

inline constexpr std::int64_t order_text_bytes_max = 64 * 1024;
inline constexpr std::int64_t order_delay_ms_max = 600'000;

std::string read_text(const rapidjson::Value& value, std::string& out);
std::string read_word(const rapidjson::Value& value, std::string& out);  // without control characters
std::string read_integer(const rapidjson::Value& value, std::int64_t min, std::int64_t max, std::int64_t& out);
std::string read_flag(const rapidjson::Value& value, bool& out);

}  // namespace carillon::sandbox
