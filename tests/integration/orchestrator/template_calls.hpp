// What the tests of templates share.
#pragma once
#include <catch2/catch.hpp>

#include "integration/orchestrator/signed_in.hpp"

namespace carillon::orchestrator::testing {

inline const std::string templates_base = "/api/admin/templates/";

inline bool holds(const http::Answer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

inline int active_version(Pipe& pipe, const std::string& key) {
  return static_cast<int>(pipe.number("SELECT active_version FROM orchestrator.templates WHERE key = '" + key + "'"));
}

inline std::vector<events::AuditEvent> audits_of(Pipe& pipe, const std::string& action, std::size_t count) {
  std::vector<events::AuditEvent> found;
  REQUIRE(pipe.seen.wait([&] {
    found.clear();
    for (auto& one : pipe.seen.audits())
      if (one.action == action) found.push_back(std::move(one));
    return found.size() >= count;
  }));
  return found;
}

// The one that comes after the first `before`.
inline events::Dispatch next_dispatch(Pipe& pipe, std::size_t before) {
  const bool came = pipe.seen.wait([&] { return pipe.seen.dispatches().size() > before; });
  std::string statuses;
  for (const auto& one : pipe.seen.messages())
    statuses += std::string(events::enum_name(one.status)) + " " + one.reason + "; ";
  INFO("the one after " << before << " of: " << statuses);
  REQUIRE(came);
  return pipe.seen.dispatches().at(before);
}

}  // namespace carillon::orchestrator::testing
