// Routes of compliance items, and of reports about them that an owner asks for.
#pragma once
#include "http/router.hpp"
#include "provisioning/app/edit_compliance_items.hpp"
#include "provisioning/app/send_reports.hpp"

namespace carillon::provisioning {

// `guard` lets administrators and owners through; of owners only the client's own are. `items` outlives the router.
void add_compliance_item_routes(http::Router& router, EditComplianceItems& items, const http::Guard& guard);
// `guard` lets owners through. `request_report` outlives the router.
void add_report_routes(http::Router& router, RequestReport& request_report, const http::Guard& guard);

}  // namespace carillon::provisioning
