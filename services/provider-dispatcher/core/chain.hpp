// Which provider of a chain gets a message. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "provider-dispatcher/core/breaker.hpp"

namespace carillon::dispatcher {

// One provider of a channel's chain, in the chain's order. Without settings it is skipped, and likewise for the rest of
// the month when its spend limit is reached.
struct Link {
  std::string_view provider;
  bool configured = false;
  Gate gate = Gate::PASS;
  bool limit_reached = false;
};

// The first configured provider that was not tried in this round and lets calls pass; when there is none, the first one
// that may be tried (TRIAL_DUE) or whose trial runs; nullopt when all that is left is shut or has reached its limit.
std::optional<std::size_t> choose_provider(std::span<const Link> chain, std::span<const std::string> tried);

// A configured provider before `chosen` that is due for a trial: one message may go there first.
std::optional<std::size_t> trial_before(std::span<const Link> chain, std::optional<std::size_t> chosen);

// Where a message waits when nobody may be called: the first configured provider, else the first, else "none".
std::string_view head_of(std::span<const Link> chain);
inline constexpr std::string_view no_provider = "none";

}  // namespace carillon::dispatcher
