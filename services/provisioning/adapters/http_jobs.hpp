// Routes of provisioning: jobs, and the owner's invitation once more.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/manage_jobs.hpp"
#include "provisioning/app/resend_invite.hpp"

namespace carillon::provisioning {

// `guard` lets administrators through. `jobs` and `resend` outlive the router.
void add_job_routes(http::Router& router, ManageJobs& jobs, ResendInvite& resend, const http::Guard& guard);

}  // namespace carillon::provisioning
