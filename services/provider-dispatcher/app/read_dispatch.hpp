// From a record of the dispatch topic to its event: CloudEvents in binary or structured mode, or the bare JSON.
#pragma once
#include <string>

#include "bus/record.hpp"
#include "events/events.hpp"
#include "values/result.hpp"

namespace carillon::dispatcher {

struct ReadDispatch {
  events::Dispatch dispatch;
  std::string traceparent;  // empty when there is none, or none that can be stored
};

Result<ReadDispatch> read_dispatch(const bus::Record& record);

// The event's JSON text alone, as a row of `pending` holds it.
Result<std::string> dispatch_json(bus::Record record);

}  // namespace carillon::dispatcher
