// Who asks for a change, for its audit entry.
#pragma once
#include <string>

namespace carillon::provisioning {

struct Caller {
  std::string actor;
  std::string traceparent;
};

}  // namespace carillon::provisioning
