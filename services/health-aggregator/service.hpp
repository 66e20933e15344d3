// The health-aggregator as a part of a process: message log, audit log, health figures.
#pragma once
#include <memory>
#include <span>

#include "bus/topics.hpp"
#include "postgres/migrate.hpp"
#include "service/service.hpp"

namespace carillon::health {

inline constexpr const char* role = "carillon_health";
inline constexpr const char* schema_name = "health";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// Reads every setting of the service, for the table of settings.
void declare_settings(service::Settings& settings);
pg::Schema schema();
// For grants. Dead-letter topics included.
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::health
