#include "orchestrator/core/metrics_snapshot.hpp"

#include <algorithm>

#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::MetricsSnapshot;
using Bad = std::optional<Failure>;

Failure invalid(std::string_view field, std::string_view what) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(what)};
}

Bad bad_number(std::string_view field, const std::optional<double>& number, double max, std::string_view range) {
  if (!number || (*number >= 0 && *number <= max)) return std::nullopt;
  return invalid(field, "must be a number from 0 to " + std::string(range));
}

Bad bad_count(std::string_view field, const std::optional<std::int32_t>& count) {
  if (!count || *count >= 0) return std::nullopt;
  return invalid(field, "must not be below 0");
}

Bad bad_text(std::string_view field, std::string_view text, std::size_t chars_max) {
  const auto chars = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (has_control_characters(text)) return invalid(field, "must not hold control characters");
  if (static_cast<std::size_t>(chars) > chars_max)
    return invalid(field, "must have at most " + std::to_string(chars_max) + " characters");
  return std::nullopt;
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

Bad find_invalid_metric(const MetricsSnapshot& m, UtcTime now) {
  for (const auto& [field, psi] : {std::pair{"psi_vendor", &m.psi_vendor}, std::pair{"psi_amount", &m.psi_amount}})
    if (auto bad = bad_number(field, *psi, psi_max, "1000")) return bad;
  for (const auto& [field, amount] : {std::pair{"spend", &m.spend}, std::pair{"budget", &m.budget}})
    if (auto bad = bad_number(field, *amount, amount_max, "1000000000000")) return bad;
  for (const auto& [field, count] :
       {std::pair{"je_imbalance_count", &m.je_imbalance_count}, std::pair{"posted_count", &m.posted_count},
        std::pair{"skipped_count", &m.skipped_count}, std::pair{"consistent_labels", &m.consistent_labels}})
    if (auto bad = bad_count(field, *count)) return bad;
  if (!m.currency.empty() && !is_currency(m.currency))
    return invalid("currency", "must be three upper-case letters such as USD");
  if (auto bad = bad_text("export_id", m.export_id, export_id_chars_max)) return bad;
  if (auto bad = bad_text("vendor", m.vendor, vendor_chars_max)) return bad;
  if (!m.posted_count && (!m.export_id.empty() || m.skipped_count))
    return invalid("posted_count", "is required beside export_id and skipped_count");
  if (m.vendor.empty() && m.consistent_labels) return invalid("vendor", "is required beside consistent_labels");
  if (m.observed_at && *m.observed_at > now + clocks_apart_max) return invalid("observed_at", "lies in the future");
  return std::nullopt;
}

Result<MetricsSnapshot> read_metrics(std::string_view json, UtcTime now) {
  auto read = events::from_json<MetricsSnapshot>(json);
  if (!read) return read;
  if (auto bad = find_invalid_metric(*read, now)) return *bad;
  MetricsSnapshot nothing;
  nothing.observed_at = read->observed_at;
  if (*read == nothing) return Failure{"NO_METRICS", "the snapshot says nothing; give at least one metric"};
  return read;
}

}  // namespace carillon::orchestrator
