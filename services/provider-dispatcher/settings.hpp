// Settings of the provider-dispatcher itself; each provider reads its own.
#pragma once
#include <memory>
#include <vector>

#include "provider-dispatcher/app/roster.hpp"
#include "service/settings.hpp"

namespace carillon::dispatcher {

struct DispatcherSettings {
  ChainSettings chains;
  // Names that neither a provider of this program has nor a planned one are errors; planned ones are skipped with a log
  // line. `providers` are those of this program.
  static DispatcherSettings read(service::Settings& settings, const std::vector<std::unique_ptr<Provider>>& providers);
  // For the table of settings, without providers.
  static DispatcherSettings declare(service::Settings& settings);
};

}  // namespace carillon::dispatcher
