// Orders that say which receipts accepted messages get, and what each receipt consists of. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/core/provider_name.hpp"
#include "values/result.hpp"

namespace carillon::sandbox {

enum class ReceiptKind { NONE, DELIVERED, HARD_BOUNCE, SOFT_BOUNCE, COMPLAINT, UNSUBSCRIBE, UNDELIVERED, FAILED };
inline constexpr std::array<std::string_view, 8> receipt_kind_names{
    "none", "delivered", "hard_bounce", "soft_bounce", "complaint", "unsubscribe", "undelivered", "failed"};

enum class Forgery { NONE, SIGNATURE, OLD, OTHER_TOPIC };
inline constexpr std::array<std::string_view, 4> forgery_names{"none", "signature", "old", "other_topic"};

inline constexpr std::int64_t receipt_delay_ms_default = 200;

// SNS tells nobody what became of an SMS, SMTP relays and Slack neither.
constexpr bool sends_receipts(ProviderName provider) {
  return provider == ProviderName::POSTMARK || provider == ProviderName::SENDGRID || provider == ProviderName::SES ||
         provider == ProviderName::TWILIO;
}

struct ReceiptOrder {
  ProviderName provider{};  // postmark, sendgrid, ses or twilio
  ReceiptKind kind = ReceiptKind::DELIVERED;
  std::int64_t delay_ms = receipt_delay_ms_default;  // from the call until the first receipt; 0 with before_answer
  std::int64_t count = 0;                            // messages it is good for; 0 = until changed
  std::int64_t duplicate = 0;                        // how many more times each receipt is sent
  bool before_answer = false;                        // the call is answered only when the receipts have been
  bool reverse = false;                              // the last receipt first
  Forgery forge = Forgery::NONE;
  std::int64_t signature_version = 1;  // of SNS: 1 or 2
  std::string recipient_contains;      // "" = every recipient
  std::string url;  // "" = where the settings say; Postmark's may hold user:password@. Twilio's is in the call
};

// Failure INVALID_ORDER, naming the field. `url_required`: no setting says where receipts go.
Result<ReceiptOrder> parse_receipt_order(std::string_view json, bool url_required);

// One thread at a time.
class ReceiptOrders {
 public:
  // Takes the place of an order for the same provider and recipient_contains. Failure TOO_MANY_ORDERS.
  Result<bool> set(ReceiptOrder order);
  void clear() { orders_.clear(); }
  bool empty() const { return orders_.empty(); }
  std::string json() const;  // array of the orders in force, without passwords
  // Those for some recipients go before the one for all, of them the newest; nullopt when none fits.
  std::optional<ReceiptOrder> decide(ProviderName provider, std::string_view recipient);

 private:
  std::vector<ReceiptOrder> orders_;  // `count` is what is left
};

// What a provider tells about a message, one after the other.
enum class ReceiptEvent {
  QUEUED,
  SENT,
  PROCESSED,
  DELIVERED,
  HARD_BOUNCE,
  SOFT_BOUNCE,
  DROPPED,
  COMPLAINT,
  UNSUBSCRIBE,
  UNDELIVERED,
  FAILED
};
// `queued_first`: Twilio tells of "queued" only where a messaging service had accepted the message before.
std::vector<ReceiptEvent> receipt_events(ProviderName provider, ReceiptKind kind, bool queued_first);
std::string_view event_word(ProviderName provider, ReceiptEvent event);  // the provider's own; static text

}  // namespace carillon::sandbox
