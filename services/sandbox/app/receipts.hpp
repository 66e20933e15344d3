// Which receipts accepted messages get: decides by the orders, follows each message's receipts to their end, counts.
// Lives on the sandbox's thread.
#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "sandbox/app/receipt_keys.hpp"
#include "sandbox/app/receipt_sender.hpp"
#include "sandbox/app/sandbox_state.hpp"
#include "sandbox/app/settle_call.hpp"

namespace carillon::sandbox {

struct ReceiptSettings {
  std::string base_url;  // where receipts go without an order; "" = none are sent then
  std::string postmark_user, postmark_password;
};

// Receipts for SES that wait until the subscription of their address is confirmed; more are dropped.
inline constexpr std::size_t held_receipts_max = 10'000;
inline constexpr std::size_t subscriptions_max = 100;
inline constexpr std::chrono::seconds subscribe_again_after{1};  // while nobody confirms

class Receipts {
 public:
  // Makes itself known to `state`; all must outlive it.
  Receipts(SandboxState& state, ReceiptSender& sender, const ReceiptKeys& keys, ReceiptSettings settings);
  ~Receipts();

  // A message was taken and is in the inbox as `stored`. May make the call's answer wait.
  void accepted(const ProviderCall& call, const std::string& id, std::uint64_t stored, Answer& answer);

  // POST /receipts. Failure as of parse_receipt_order and ReceiptOrders::set. For ses it subscribes the address.
  Result<bool> order(std::string_view json);
  void clear_orders() { orders_.clear(); }
  std::string json() const;       // GET /receipts
  std::string keys_json() const;  // GET /receipts/keys
  // SNS's SubscribeURL was visited. False: no such token.
  bool confirm(std::string_view token);

  struct Figures {
    std::uint64_t accepted = 0, dropped = 0, waiting = 0;
    std::map<std::string, std::uint64_t, std::less<>> failed;  // by status, or by why there was no answer
  };
  const Figures& figures(ProviderName provider) const { return figures_[static_cast<std::size_t>(provider)]; }
  const ReceiptKeys& keys() const { return keys_; }

 private:
  struct Run;  // all receipts of one message
  struct Subscription {
    std::string url, token;
    bool confirmed = false;
    SteadyTime asked_at;
    int signature_version = 1;
    std::deque<std::shared_ptr<Run>> held;
  };

  std::string url_for(ProviderName provider, const ReceiptOrder& order, const ProviderCall& call) const;
  bool begin(const std::shared_ptr<Run>& run);  // false: it does not set off now
  void send_next(const std::shared_ptr<Run>& run, std::chrono::milliseconds delay);
  void delivered(const std::shared_ptr<Run>& run, const std::vector<ReceiptEvent>& events, Delivery delivery);
  Subscription* subscription(const std::string& url, int signature_version);
  void ask_to_confirm(Subscription& subscription);

  SandboxState& state_;
  ReceiptSender& sender_;
  const ReceiptKeys& keys_;
  const ReceiptSettings settings_;
  ReceiptOrders orders_;
  std::array<Figures, provider_names.size()> figures_;
  std::map<std::string, Subscription> subscriptions_;  // by URL
};

}  // namespace carillon::sandbox
