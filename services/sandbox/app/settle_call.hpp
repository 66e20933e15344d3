// One call to a provider that was read to its end and is in order: take it, or fail as the orders say.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sandbox/adapters/answer.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// How a provider says yes and no on the wire.
class Dialect {
 public:
  virtual ~Dialect() = default;
  // The provider's own form of an id of 32 hex digits.
  virtual std::string id_of(const std::string& digits) const = 0;
  virtual std::string accepted(const std::string& id) const = 0;  // an id in the provider's form
  // order.body goes as it is when not empty; else an error with order.error_code, "" = the usual one for the status.
  virtual std::string refused(const Order& order) const = 0;
  virtual std::string garbage() const = 0;
};

// What a provider repeats in its receipts. Views: valid during the call, and never into ProviderCall::raw.
struct CallFacts {
  std::string_view sender, subject, template_key;
  std::string_view stream;                             // Postmark's message stream, Twilio's messaging service
  std::string_view configuration_set;                  // SES
  std::string_view account, auth_token, callback_url;  // Twilio
  std::vector<std::pair<std::string_view, std::string_view>> tags;  // Metadata, EmailTags, custom_args
};

struct ProviderCall {
  ProviderName provider{};
  std::string_view recipient;
  std::string_view message_id;
  int attempt = 0;
  std::string raw;
  std::string envelope;
  CallFacts facts;

  // Adds a tag; message_id and attempt are read from those of that name.
  void tag(std::string_view name, std::string_view value);
};

Answer settle_call(SandboxState& state, ProviderCall call, const Dialect& dialect);

// A call with a mistake in it: counted as refused, answered with `bytes`.
Answer refuse_call(SandboxState& state, ProviderName provider, std::string_view message_id, int attempt,
                   std::string bytes);

}  // namespace carillon::sandbox
