// /admin/providers: each channel's chain with its breakers, answers, last errors, costs and limits. For ADMIN.
#pragma once
#include <functional>
#include <vector>

#include "http/router.hpp"
#include "pages/page.hpp"
#include "provider-dispatcher/adapters/pending_store.hpp"
#include "provider-dispatcher/app/call_figures.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/app/spend_book.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

// What is shown of all providers, by provider or by index.
struct ProviderPageFacts {
  const Roster& roster;
  std::vector<Breaker> breakers;
  std::vector<pending_store::Count> counts;
  CallFigures::ByProvider calls;
  std::vector<bool> limits_reached;
  std::vector<SpendBook::Standing> standings;
  const ReceiptFigures* receipts = nullptr;  // null: nothing is known of receipts
};

// Pure.
pages::Values provider_page_values(const ProviderPageFacts& facts, UtcTime now);

// `facts` may block on the database.
void add_provider_page(http::Router& router, service::Platform& platform, std::function<ProviderPageFacts()> facts);

}  // namespace carillon::dispatcher
