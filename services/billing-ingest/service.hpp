// Stripe's events, subscriptions, checkout and portal as a part of a process.
#pragma once
#include <memory>
#include <span>

#include "billing-ingest/settings.hpp"
#include "bus/topics.hpp"
#include "postgres/migrate.hpp"
#include "service/service.hpp"

namespace carillon::billing {

inline constexpr const char* role = "carillon_billing";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// For those who have their settings already.
std::unique_ptr<service::Service> make_billing(BillingSettings settings, service::Platform& platform);
// Reads every setting of the service, for the table of settings.
void declare_settings(service::Settings& settings);
pg::Schema schema();
// For grants.
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::billing
