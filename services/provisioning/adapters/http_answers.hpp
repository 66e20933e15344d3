// Parts that the service's routes share: who asks, and refusals as problems.
#pragma once
#include "http/message.hpp"
#include "provisioning/app/caller.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

// Of a route behind one of the guards of libs/pages/access.hpp.
Caller caller_of(const http::Request& request);

// The status belongs to the failure's code; a detail that begins with a field's name ("plan: ...") is named by `field`.
http::Response refused(const Failure& failure);

}  // namespace carillon::provisioning
