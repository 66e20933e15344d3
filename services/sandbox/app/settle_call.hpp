// One call to a provider that was read to its end and is in order: take it, or fail as the orders say.
#pragma once
#include <string>
#include <string_view>

#include "sandbox/adapters/answer.hpp"
#include "sandbox/app/sandbox_state.hpp"

namespace carillon::sandbox {

// How a provider says yes and no on the wire.
class Dialect {
 public:
  virtual ~Dialect() = default;
  virtual std::string accepted(const std::string& id) const = 0;
  // order.body goes as it is when not empty; else an error with order.error_code, "" = the usual one for the status.
  virtual std::string refused(const Order& order) const = 0;
  virtual std::string garbage() const = 0;
};

struct ProviderCall {
  ProviderName provider{};
  std::string_view recipient;
  std::string_view message_id;
  int attempt = 0;
  std::string raw;
  std::string envelope;
};

Answer settle_call(SandboxState& state, ProviderCall call, const Dialect& dialect);

// A call with a mistake in it: counted as refused, answered with `bytes`.
Answer refuse_call(SandboxState& state, ProviderName provider, std::string_view message_id, int attempt,
                   std::string bytes);

}  // namespace carillon::sandbox
