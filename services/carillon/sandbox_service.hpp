// The provider sandbox as part of the one process, where CARILLON_SANDBOX=true. Never for production.
#pragma once
#include <memory>

#include "service/service.hpp"

namespace carillon {

void declare_sandbox_settings(service::Settings& settings);
std::unique_ptr<service::Service> make_sandbox_service(service::Settings& settings, service::Platform& platform);

}  // namespace carillon
