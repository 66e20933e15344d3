// Settings of the provider-dispatcher itself; each provider reads its own.
#pragma once
#include <memory>
#include <vector>

#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/app/spend_book.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct DispatcherSettings {
  ChainSettings chains;
  SpendSettings spend;
  // `providers` are those of this program; a name that none of them has is an error.
  static DispatcherSettings read(service::Settings& settings, const std::vector<std::unique_ptr<Provider>>& providers);
  // For the table of settings, without providers.
  static DispatcherSettings declare(service::Settings& settings);
};

}  // namespace carillon::dispatcher
