// The settings every process has, whatever services it runs.
#pragma once
#include <chrono>
#include <string>

#include "security/sessions.hpp"
#include "service/app/bus_settings.hpp"
#include "service/log.hpp"
#include "service/settings.hpp"

namespace carillon::service {

struct AppSettings {
  std::string http_address;
  int http_port;
  int http_workers;
  int io_threads;
  std::string database_url;
  std::string payload_key;
  log::Level log_level;
  bool migrate;
  BusSettings bus;
  std::string instance;
  std::chrono::seconds stop_grace;
  std::string port_file;
  std::string failpoints;
  std::string public_url;  // without a slash at its end
  bool sandbox;
  std::string trace_collector;  // "": spans are not sent
  security::SessionLimits sessions;

  // `embedded`: the one process that holds all services, which migrates by default.
  static AppSettings read(Settings& settings, bool embedded);
};

}  // namespace carillon::service
