// The provider-dispatcher: takes rendered messages from the dispatch topic and gets each to one provider, once.
#pragma once
#include <memory>
#include <span>

#include "bus/topics.hpp"
#include "postgres/migrate.hpp"
#include "service/service.hpp"

namespace carillon::dispatcher {

inline constexpr const char* role = "carillon_dispatcher";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// Reads every setting of the dispatcher and its providers, for the table of settings.
void declare_settings(service::Settings& settings);

pg::Schema schema();
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::dispatcher
