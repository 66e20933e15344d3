// MessageAttributes.entry.N of SNS's Query API. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon::sandbox {

struct MessageAttribute {
  std::string name, data_type, value;
};

inline constexpr int message_attributes_max = 10;

// In order, from entry 1 to the first that is not there.
std::vector<MessageAttribute> message_attributes(std::string_view form);

}  // namespace carillon::sandbox
