#include "sandbox/app/refusal.hpp"

#include "sandbox/core/provider_errors.hpp"

namespace carillon::sandbox {

Refusal refusal_of(ProviderName provider, const Order& order, std::string_view fallback_code) {
  const ProviderError* error =
      order.error_code.empty() ? usual_error(provider, order.status) : find_error(provider, order.error_code);
  Refusal out;
  out.status = order.status;
  if (error != nullptr) out.field = error->field;
  out.message = error == nullptr || error->message.empty() ? "The sandbox was told to refuse this." : error->message;
  if (!order.error_code.empty()) {
    out.code = order.error_code;
  } else {
    out.code = error == nullptr ? fallback_code : error->code;
  }
  return out;
}

std::string retry_header(const Order& order) {
  return order.retry_after_s == 0 ? std::string() : "Retry-After: " + std::to_string(order.retry_after_s) + "\r\n";
}

}  // namespace carillon::sandbox
