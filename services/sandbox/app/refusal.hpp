// What an order makes a provider refuse a call with, before it is put into the provider's own form. Pure.
#pragma once
#include <string>
#include <string_view>

#include "sandbox/core/faults.hpp"

namespace carillon::sandbox {

struct Refusal {
  int status = 0;
  std::string code;        // of the order, else the usual one for the status, else `fallback_code`
  std::string message;     // the provider's own where the code is known
  std::string_view field;  // SendGrid only; static text
};
Refusal refusal_of(ProviderName provider, const Order& order, std::string_view fallback_code);

std::string retry_header(const Order& order);  // "Retry-After: 5\r\n", or ""

}  // namespace carillon::sandbox
