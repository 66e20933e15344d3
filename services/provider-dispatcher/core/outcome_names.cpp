#include "provider-dispatcher/core/outcome_names.hpp"

namespace carillon::dispatcher {

const char* kind_name(OutcomeKind kind) {
  return boost::describe::enum_to_string(kind, "TRANSIENT");
}

const char* reason_name(Reason reason) {
  return boost::describe::enum_to_string(reason, "NONE");
}

}  // namespace carillon::dispatcher
