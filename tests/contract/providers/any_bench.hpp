// Every provider's bench, one after the other, and a call to its client that waits for the outcome.
#pragma once
#include <chrono>

#include "contract/providers/provider_bench.hpp"

namespace carillon::testing {

inline constexpr std::chrono::milliseconds patience{20'000};

struct MadeBench {
  const char* name;
  std::unique_ptr<ProviderBench> (*make)();
};

// A Catch generator: the test case runs once for each.
MadeBench any_bench();
MadeBench any_mail_bench();  // of providers that send e-mail

UtcTime contract_now();  // 2026-09-01T10:00:00Z
dispatcher::OutboundMessage message_to(const std::string& recipient);

// Throws std::runtime_error when the provider does not answer within `patience`.
dispatcher::Outcome sent(dispatcher::Provider& provider, const dispatcher::OutboundMessage& message);
dispatcher::Outcome sent(ProviderBench& bench);

}  // namespace carillon::testing
