// Clients, their provisioning and their accounts as a part of a process. The only writer of client.state.v1.
#pragma once
#include <memory>
#include <span>

#include "bus/topics.hpp"
#include "postgres/migrate.hpp"
#include "provisioning/settings.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

inline constexpr const char* role = "carillon_provisioning";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// For those who have their settings already.
std::unique_ptr<service::Service> make_provisioning(ProvisioningSettings settings, service::Platform& platform);
// Reads every setting of the service, for the table of settings.
void declare_settings(service::Settings& settings);
pg::Schema schema();
// For grants.
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::provisioning
