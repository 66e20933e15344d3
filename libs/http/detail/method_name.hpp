#pragma once
#include <string_view>

#include "http/message.hpp"

namespace carillon::http::detail {

constexpr std::string_view method_name(Method method) {
  switch (method) {
    case Method::GET:
      return "GET";
    case Method::POST:
      return "POST";
    case Method::PUT:
      return "PUT";
    case Method::PATCH:
      return "PATCH";
    case Method::DELETE_:
      return "DELETE";
    case Method::HEAD:
      return "HEAD";
    case Method::OPTIONS:
      return "OPTIONS";
  }
  return "";
}

}  // namespace carillon::http::detail
