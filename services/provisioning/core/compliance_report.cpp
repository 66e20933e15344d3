#include "provisioning/core/compliance_report.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::string_view formula_begins = "=+-@\t\r";

std::string quoted(std::string_view text) {
  std::string out = "\"";
  if (!text.empty() && formula_begins.find(text.front()) != std::string_view::npos) out += '\'';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

}  // namespace

std::string compliance_csv(std::span<const ComplianceItem> items, Date today) {
  std::string out = "name,expires_on,days_left,status\r\n";
  for (const ComplianceItem& item : items)
    out += quoted(item.name) + "," + to_iso(item.expires_on) + "," +
           std::to_string(days_between(today, item.expires_on)) + "," + item.status + "\r\n";
  return out;
}

}  // namespace carillon::provisioning
