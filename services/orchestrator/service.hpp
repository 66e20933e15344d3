// The orchestrator: the single pipe every message goes through.
#pragma once
#include <memory>
#include <span>

#include "bus/topics.hpp"
#include "orchestrator/settings.hpp"
#include "postgres/migrate.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

inline constexpr const char* role = "carillon_orchestrator";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// For those who have their settings already.
std::unique_ptr<service::Service> make_orchestrator(OrchestratorSettings settings, service::Platform& platform);
// Reads the settings for their documentation alone.
void declare_settings(service::Settings& settings);

pg::Schema schema();
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::orchestrator
