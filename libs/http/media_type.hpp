// What a request says its body is.
#pragma once
#include <algorithm>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "values/lower_case.hpp"

namespace carillon::http {

// "application/json": in lower case, without parameters; "" when it says nothing.
inline std::string media_type(const Request& request) {
  std::string type = lower_case(field(request.headers, "content-type"));
  type.resize(std::min(type.find(';'), type.size()));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type;
}

inline bool is_json(const std::string& type) {
  return type.empty() || type == "application/json" || type == "text/json";
}

}  // namespace carillon::http
