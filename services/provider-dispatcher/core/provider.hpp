// The port to one provider. One folder in adapters/providers/ per provider implements it.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "provider-dispatcher/core/outcome.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

// A file that goes with an e-mail. Its bytes are shared by all rounds and providers.
struct Attachment {
  std::string file_name;     // no path, no control characters
  std::string content_type;  // "application/pdf"
  std::shared_ptr<const std::string> content;
};

// A rendered message in clear, as a provider client needs it.
struct OutboundMessage {
  std::string message_id;
  int attempt = 1;  // goes with message_id into the provider's metadata or callback URL
  std::string recipient;
  std::string subject;  // e-mail only
  std::string text;
  std::string html;         // e-mail only, may be empty
  std::string from_number;  // SMS: the client's own number, may be empty
  std::string template_key;
  std::optional<UtcTime> expires_at;
  std::vector<Attachment> attachments;  // e-mail only
  // E-mail only: where one click unsubscribes (RFC 8058); empty: no List-Unsubscribe headers, as on transactional mail.
  std::string unsubscribe_url;
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;  // as in EMAIL_PROVIDER_CHAIN
  virtual events::Channel channel() const = 0;
  virtual bool configured() const = 0;               // has all settings it needs
  virtual std::string missing_settings() const = 0;  // names, for people; "" when configured
  virtual double rate_per_second() const = 0;        // 0 = no limit
  virtual int concurrency_max() const = 0;           // calls at once from one process
  // Starts a call and returns at once; `done` comes exactly once, on any thread, within 10 s and a little. Never
  // throws.
  virtual void send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) = 0;
};

}  // namespace carillon::dispatcher
