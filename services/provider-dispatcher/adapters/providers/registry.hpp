// All providers this program knows, made from the settings.
#pragma once
#include <memory>
#include <vector>

#include "provider-dispatcher/core/provider.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

// What providers stand on; outlives them.
struct ProviderParts {
  http::Client& http;
  http::Runtime& io;
  const Clock& clock;
};

std::vector<std::unique_ptr<Provider>> make_providers(service::Settings& settings, const ProviderParts& platform);
inline std::vector<std::unique_ptr<Provider>> make_providers(service::Settings& settings, service::Platform& platform) {
  return make_providers(settings, ProviderParts{platform.http, platform.io, platform.clock});
}

}  // namespace carillon::dispatcher
