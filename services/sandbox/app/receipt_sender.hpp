// The port through which receipts leave the sandbox.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/core/receipt_facts.hpp"
#include "sandbox/core/receipt_order.hpp"

namespace carillon::sandbox {

// One or more events of one message for one address, or the confirmation that SNS asks for before it sends any.
struct Parcel {
  ProviderName provider{};
  std::string url;                            // without user and password
  std::shared_ptr<const ReceiptFacts> facts;  // null for a confirmation
  std::vector<ReceiptEvent> events;           // more than one for SendGrid only
  Forgery forge = Forgery::NONE;
  int signature_version = 1;       // of SNS
  std::string user, password;      // Postmark's; Twilio's auth token is the password
  std::string confirmation_token;  // of a confirmation
};

struct Delivery {
  int status = 0;          // 0: no answer
  std::string_view error;  // why there was none; static text
};

class ReceiptSender {
 public:
  virtual ~ReceiptSender() = default;
  // Sends it after `delay`. `done` is called once, later, on the sandbox's thread. False: too much is waiting, nothing
  // was taken. Must not block.
  virtual bool send(Parcel parcel, std::chrono::milliseconds delay, std::function<void(Delivery)> done) = 0;
};

}  // namespace carillon::sandbox
