// All providers this program knows, made from the settings.
#pragma once
#include <memory>
#include <vector>

#include "provider-dispatcher/adapters/providers/ses/account.hpp"
#include "provider-dispatcher/core/provider.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

// What providers stand on; outlives them.
struct ProviderParts {
  http::Client& http;
  http::Runtime& io;
  const Clock& clock;
};

struct Providers {
  std::vector<std::unique_ptr<Provider>> list;
  std::shared_ptr<const ses::Account> ses_account;
};

Providers make_providers(service::Settings& settings, const ProviderParts& platform);
inline Providers make_providers(service::Settings& settings, service::Platform& platform) {
  return make_providers(settings, ProviderParts{platform.http, platform.io, platform.clock});
}

}  // namespace carillon::dispatcher
