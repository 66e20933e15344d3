// Routes of jobs that come round with time: what they are and did, and one run now.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/manage_scheduled_jobs.hpp"

namespace carillon::provisioning {

// `guard` lets administrators through. `jobs` outlives the router.
void add_scheduled_job_routes(http::Router& router, ManageScheduledJobs& jobs, const http::Guard& guard);

}  // namespace carillon::provisioning
