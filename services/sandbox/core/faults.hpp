// Orders that make providers fail, and what they mean for one call. Pure: `now` comes in, chance comes from the seed.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/core/provider_name.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::sandbox {

enum class Mode {
  OK,               // takes the orders of this provider back
  STATUS,           // answers `status` with `body` or an error in the provider's own form
  DELAY,            // takes the message, answers after delay_ms
  HANG,             // reads the call and never answers; the message is not kept
  RESET,            // reads the call, then resets the connection; the message is not kept
  DROP_AFTER_READ,  // takes the message, then closes the connection without an answer
  RATE,             // answers 429 to what is over `per_second`
  GARBAGE,          // takes the message, answers 200 with something unreadable
};
inline constexpr std::array<std::string_view, 8> mode_names{"ok",    "status",          "delay", "hang",
                                                            "reset", "drop_after_read", "rate",  "garbage"};

// `reset` beside `drop_after_read`: the first is a provider that lost the message, the second one that took it.
struct Order {
  std::string provider = "*";  // a name or "*"
  Mode mode = Mode::OK;
  int status = 503;                // an order without it has the usual status of its error_code, if that is known
  std::string body;                // "" = an error in the provider's form
  std::string error_code;          // the provider's own code in such an error
  std::int64_t delay_ms = 0;       // before any answer or break
  std::int64_t retry_after_s = 0;  // 0 = no such header
  std::int64_t count = 0;          // calls it is good for; 0 = until changed
  double probability = 1;
  std::uint64_t seed = 1;
  std::string recipient_contains;  // "" = every recipient
  std::int64_t per_second = 1;     // RATE only
};

// Failure INVALID_ORDER, naming the field.
Result<Order> parse_order(std::string_view json);
std::string to_json(const Order& order);

struct Verdict {
  Mode mode = Mode::OK;
  Order order;  // the one that applies, unless OK
};

// One thread at a time.
class Faults {
 public:
  // Takes the place of an order for the same provider and recipient_contains. OK only removes ("*" removes all).
  // Failure TOO_MANY_ORDERS.
  Result<bool> set(Order order);
  void clear() { orders_.clear(); }
  std::string json() const;  // array of the orders in force
  bool empty() const { return orders_.empty(); }
  const Order* order_for(ProviderName provider) const;  // the first that names it or "*"; nullptr when none
  // The first order that fits decides; orders for a provider go before "*".
  Verdict decide(ProviderName provider, std::string_view recipient, UtcTime now);

 private:
  struct Active {
    Order order;
    std::int64_t calls_left;  // 0 = no limit
    std::uint64_t random;
    std::int64_t second = 0;
    std::int64_t calls_in_second = 0;
  };
  bool applies(Active& active, ProviderName provider, std::string_view recipient, UtcTime now);
  std::vector<Active> orders_;
};

}  // namespace carillon::sandbox
