// GET /health/messaging: each channel's providers in the order of the chain, with their breakers, how they have
// answered in the last minutes (all instances together), and what is pending.
#pragma once
#include <string>
#include <vector>

#include "provider-dispatcher/adapters/pending_store.hpp"
#include "provider-dispatcher/app/call_figures.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/roster.hpp"

namespace carillon::dispatcher {

std::string messaging_health_json(const Roster& roster, const std::vector<Breaker>& breakers,
                                  const std::vector<pending_store::Count>& counts, const CallFigures::ByProvider& calls,
                                  const std::vector<bool>& limits_reached, const ReceiptFigures* receipts = nullptr);
// PRIMARY, SECONDARY, and TERTIARY from the third on; "" for a provider in no chain.
std::string_view role_name(int position);

}  // namespace carillon::dispatcher
