// A client's compliance items as a CSV file (RFC 4180). Pure.
#pragma once
#include <span>
#include <string>

#include "provisioning/core/compliance_item.hpp"

namespace carillon::provisioning {

inline constexpr std::string_view report_content_type = "text/csv";

// Header and a line an item. A name that a spreadsheet would take for a formula gets a quote before it.
std::string compliance_csv(std::span<const ComplianceItem> items, Date today);

}  // namespace carillon::provisioning
