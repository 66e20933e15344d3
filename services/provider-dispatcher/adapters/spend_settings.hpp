// The price list and the monthly limits from the environment.
#pragma once
#include "provider-dispatcher/app/spend_book.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

// A limit is an amount such as 100.00; 0 = none. One for a provider without a known price is an error: its spend can't
// be known.
SpendSettings read_spend_settings(service::Settings& settings);

}  // namespace carillon::dispatcher
