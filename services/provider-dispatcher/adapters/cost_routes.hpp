// GET /api/admin/costs?month=2026-11: what the month has cost, by provider and template, and its forecast.
#pragma once
#include <map>
#include <string>

#include "http/message.hpp"
#include "postgres/pool.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/app/spend_book.hpp"

namespace carillon::dispatcher {

std::string cost_report_json(const CostReport& report);

// Answers one request; without `month` the current one. 400 for a month that is none. Throws the pg:: errors.
http::Response answer_costs(const http::Request& request, pg::Pool& pool, const Roster& roster, const SpendBook& book,
                            UtcTime now);

}  // namespace carillon::dispatcher
