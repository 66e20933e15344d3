// The service's pages, with an OWNER who can log in.
#pragma once
#include <string>

#include "integration/provisioning/browser.hpp"

namespace carillon::provisioning::testing {

inline constexpr const char* ann = "ann@example.com";
inline constexpr const char* password = "seven lamps on a quay";

inline std::string location(const http::Answer& answer) {
  return std::string(http::field(answer.headers, "Location"));
}

struct Portal : World {
  explicit Portal(ProvisioningSettings settings = {}, int instances = 1) : World(std::move(settings), instances) {
    somebody(*this, ann, security::Role::OWNER, "client-1", password);
  }
  std::int64_t sessions() { return number("SELECT count(*) FROM identity.sessions"); }
};

}  // namespace carillon::provisioning::testing
