// A method as a request line has it.
#pragma once
#include "http/message.hpp"

namespace carillon::http {

constexpr const char* method_name(Method method) {
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

}  // namespace carillon::http
