// A parcel as the request that its provider would make: body, headers, signature. Thread-safe.
#pragma once
#include <span>
#include <string>

#include "http/message.hpp"
#include "sandbox/app/receipt_keys.hpp"
#include "sandbox/app/receipt_sender.hpp"
#include "time/utc_time.hpp"

namespace carillon::sandbox {

struct WebhookRequest {
  std::string url;
  http::Fields headers;
  std::string body;
};

// SendGrid's parcels for one address that are forged alike may go together; of all others there is one.
WebhookRequest write_receipt(std::span<const Parcel* const> parcels, const ReceiptKeys& keys, UtcTime now);

}  // namespace carillon::sandbox
