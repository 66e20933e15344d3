// All providers this program knows, made from the settings.
#pragma once
#include <memory>
#include <vector>

#include "provider-dispatcher/core/provider.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

std::vector<std::unique_ptr<Provider>> make_providers(service::Settings& settings, service::Platform& platform);

}  // namespace carillon::dispatcher
