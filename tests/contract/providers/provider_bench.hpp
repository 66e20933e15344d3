// What a provider client needs to go through the contract: a scripted far end on port 0, and its own words for success
// and failure.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "provider-dispatcher/adapters/providers/call_limits.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::testing {

struct ErrorRow {
  std::string name;
  dispatcher::OutcomeKind kind;
  dispatcher::Reason reason;
  std::string code;
  bool suppress = false;
};

// Short enough for tests, long enough for a busy machine.
inline constexpr dispatcher::CallLimits test_limits{std::chrono::milliseconds{400}, std::chrono::milliseconds{800},
                                                    16 * 1024};

class ProviderBench {
 public:
  virtual ~ProviderBench() = default;
  virtual std::unique_ptr<dispatcher::Provider> provider() = 0;
  virtual std::string recipient() const = 0;
  virtual std::string secret() const = 0;  // must not be seen anywhere; "" when it has none

  // What the far end does with every call from now on.
  virtual void accept() = 0;
  virtual void refuse(std::size_t row) = 0;       // of error_rows()
  virtual void say_nothing_from_the_start() = 0;  // so that no request can be written
  virtual void say_nothing_after_reading() = 0;
  virtual void reset_after_reading() = 0;
  virtual void close_after_reading() = 0;
  virtual void answer_garbage() = 0;
  virtual void answer_in_part_then_reset() = 0;
  virtual void answer_slowly(std::chrono::milliseconds delay) = 0;
  virtual void answer_hugely() = 0;
  virtual void refuse_repeating_everything() = 0;  // an error message with recipient and secret in it
  virtual bool redirect() { return false; }        // false: not a thing of this protocol
  virtual bool limit_rate(const std::string& retry_after) {
    (void)retry_after;
    return false;
  }
  virtual void speak_tls_at(int port) = 0;  // clients made from now on begin with TLS, at this port of 127.0.0.1
  virtual void stop_listening() = 0;

  virtual std::vector<ErrorRow> error_rows() const = 0;
  virtual int calls() = 0;                           // requests read to their end
  virtual std::string last_request() = 0;            // as it came over the wire
  virtual std::string last_subject() { return {}; }  // decoded; "" when there is none
  virtual std::string last_text() = 0;               // decoded
  // E-mail: what went with the texts, decoded; a header of the mail, "" when absent.
  virtual std::vector<dispatcher::Attachment> last_attachments() { return {}; }
  virtual std::string last_mail_header(std::string_view name) {
    (void)name;
    return {};
  }
};

std::unique_ptr<ProviderBench> postmark_bench();
std::unique_ptr<ProviderBench> twilio_bench();
std::unique_ptr<ProviderBench> console_bench();
std::unique_ptr<ProviderBench> smtp_bench();
std::unique_ptr<ProviderBench> sendgrid_bench();
std::unique_ptr<ProviderBench> slack_bench();
std::unique_ptr<ProviderBench> ses_bench();
std::unique_ptr<ProviderBench> sns_bench();

}  // namespace carillon::testing
