// One-time codes as a part of a process: sending, checking, step-up tokens.
#pragma once
#include <memory>
#include <span>

#include "bus/topics.hpp"
#include "otp/settings.hpp"
#include "postgres/migrate.hpp"
#include "service/service.hpp"

namespace carillon::otp {

inline constexpr const char* role = "carillon_otp";

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform);
// For those who have their settings already.
std::unique_ptr<service::Service> make_otp(OtpSettings settings, service::Platform& platform);
// Reads every setting of the service, for the table of settings.
void declare_settings(service::Settings& settings);
pg::Schema schema();
// For grants. Dead-letter topics included.
std::span<const bus::Topic> topics_written();
std::span<const bus::Topic> topics_read();

}  // namespace carillon::otp
