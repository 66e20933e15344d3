// The order to forget a recipient, checked. Refusals have code MALFORMED_JSON or INVALID_FIELD, start with the field's
// name and never repeat the recipient. Pure.
#pragma once
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "values/result.hpp"

namespace carillon::health {

inline constexpr std::size_t erasure_reason_chars_max = 64;
inline constexpr std::string_view default_erasure_reason = "REQUESTED";

struct ErasureOrder {
  std::string recipient;  // in normal form
  events::Channel channel{};
  std::string reason{default_erasure_reason};  // a word, for the audit log
};

// {"recipient":"ann@example.com","reason":"REQUESTED","channel":"EMAIL"}: an e-mail address, a number or a webhook URL;
// the channel follows from it and may be given to be sure.
Result<ErasureOrder> read_erasure_order(std::string_view json);

}  // namespace carillon::health
