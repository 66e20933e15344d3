// What the sandbox signs receipts with in the providers' stead: made anew in each run, when it is first needed, because
// the keys cost some 0.1 s. Thread-safe.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "time/clock.hpp"

namespace carillon::security::webhooks {
class SendGridSigner;
class SnsSigner;
}  // namespace carillon::security::webhooks

namespace carillon::sandbox {

// SNS's messages name these hosts as they really are; whoever is to fetch from the sandbox instead turns the calls to
// it, path and query unchanged.
inline constexpr std::string_view sns_origin = "https://sns.us-east-1.amazonaws.com";
inline constexpr std::string_view issuer_origin = "http://crt.sandbox.amazontrust.com";
inline constexpr std::string_view issuer_path = "/sandbox.cer";
inline constexpr std::string_view leaf_path_begin = "/SimpleNotificationService-";
inline constexpr std::string_view receipts_topic = "arn:aws:sns:us-east-1:123456789012:carillon-receipts";
inline constexpr std::string_view other_topic = "arn:aws:sns:us-east-1:123456789012:not-carillon-receipts";

std::string subscription_arn();  // of whoever subscribes to receipts_topic

class ReceiptKeys {
 public:
  explicit ReceiptKeys(const Clock& clock);
  ~ReceiptKeys();

  const security::webhooks::SendGridSigner& sendgrid() const;
  std::string sendgrid_public_pem() const;

  const security::webhooks::SnsSigner& sns() const;
  // PEM. SNS serves the leaf alone; it says where its issuer's certificate is.
  const std::string& root() const;
  const std::string& intermediate() const;
  const std::string& leaf() const;
  std::string intermediate_der() const;
  std::string leaf_path() const;  // leaf_path_begin, digits, ".pem"

 private:
  struct State;
  struct Sns;
  const Sns& made_sns() const;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::sandbox
