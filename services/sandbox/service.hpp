// The sandbox: stands in for every provider, and sends the receipts they would send. For trying out and for tests,
// never for production. Has one thread of its own for everything but receipts and the calls of /otp; each of these has
// another.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "service/settings.hpp"

namespace carillon::sandbox {

struct SandboxSettings {
  std::string address = "127.0.0.1";                               // CARILLON_SANDBOX_ADDRESS
  int http_port = 0;                                               // CARILLON_SANDBOX_PORT; 0 = the system chooses
  int smtp_port = 0;                                               // CARILLON_SANDBOX_SMTP_PORT
  std::size_t inbox_messages_max = 50'000;                         // CARILLON_SANDBOX_INBOX_MAX; older ones leave
  std::size_t calls_max = 200'000;                                 // rows of GET /calls
  std::string public_url;                                          // CARILLON_SANDBOX_PUBLIC_URL; "" = as it is called
  std::string receipts_url;                                        // CARILLON_SANDBOX_RECEIPTS_URL; "" = by order only
  std::string postmark_receipts_user, postmark_receipts_password;  // CARILLON_SANDBOX_RECEIPTS_POSTMARK_AUTH
  std::string stripe_webhook_secret;                               // STRIPE_WEBHOOK_SECRET; "" = nobody is told
  std::string carillon_url;                                        // CARILLON_URL; "" = /otp can call nobody
  std::chrono::milliseconds carillon_timeout{10'000};              // of a whole call that /otp makes
  std::string bootstrap_dir = "/usr/share/javascript/bootstrap5";  // of the package libjs-bootstrap5

  static SandboxSettings read(service::Settings& settings);
};

class Sandbox {
 public:
  // Listens at once; throws std::runtime_error naming address and port when that fails.
  explicit Sandbox(const SandboxSettings& settings);
  ~Sandbox();        // stop()
  int port() const;  // HTTP
  int smtp_port() const;
  void stop();  // closes all connections; may be called twice

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace carillon::sandbox
