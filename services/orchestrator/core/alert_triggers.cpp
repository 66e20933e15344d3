#include "orchestrator/core/alert_triggers.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "orchestrator/core/alert_thresholds.hpp"

namespace carillon::orchestrator {
namespace {

using events::MetricsSnapshot;

// The variables of one alert.
class Variables {
 public:
  Variables() { writer_.StartObject(); }
  Variables& add(const char* name, const std::string& text) {
    if (text.empty()) return *this;
    writer_.Key(name);
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
    return *this;
  }
  Variables& add(const char* name, std::int32_t number) {
    writer_.Key(name);
    writer_.Int(number);
    return *this;
  }
  events::JsonObject take() {
    writer_.EndObject();
    return {{buffer_.GetString(), buffer_.GetSize()}};
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

std::string index_text(const std::optional<double>& psi) {
  return psi ? fmt::format("{:.4g}", *psi) : std::string();
}

std::string amount_text(const std::optional<double>& amount, const std::string& currency) {
  if (!amount) return {};
  return fmt::format("{:.2f}{}{}", *amount, currency.empty() ? "" : " ", currency);
}

std::optional<bool> is_up(AlertType type, const MetricsSnapshot& m) {
  switch (type) {
    case AlertType::PSI_ALERT:
      if (!m.psi_vendor && !m.psi_amount) return std::nullopt;
      return m.psi_vendor.value_or(0) > psi_threshold || m.psi_amount.value_or(0) > psi_threshold;
    case AlertType::BUDGET_FALLBACK:
      return m.fallback_active;
    default:
      if (!m.je_imbalance_count) return std::nullopt;
      return *m.je_imbalance_count > je_imbalance_threshold;
  }
}

events::JsonObject variables_of(AlertType type, const MetricsSnapshot& m) {
  Variables variables;
  switch (type) {
    case AlertType::PSI_ALERT:
      variables.add("psi_vendor", index_text(m.psi_vendor)).add("psi_amount", index_text(m.psi_amount));
      return variables.add("threshold", psi_threshold_text).take();
    case AlertType::BUDGET_FALLBACK:
      variables.add("spend", amount_text(m.spend, m.currency));
      return variables.add("budget", amount_text(m.budget, m.currency)).take();
    case AlertType::JE_IMBALANCE:
      return variables.add("je_imbalance_count", *m.je_imbalance_count).take();
    case AlertType::EXPORT_COMPLETED:
      variables.add("posted_count", *m.posted_count).add("skipped_count", m.skipped_count.value_or(0));
      return variables.add("export_id", m.export_id).take();
    default:
      return variables.add("vendor", m.vendor).add("consistent_labels", *m.consistent_labels).take();
  }
}

// Without an id the snapshot itself stands for its export.
std::string export_of(const events::TenantMetrics& metrics) {
  const MetricsSnapshot& m = *metrics.metrics;
  if (!m.export_id.empty()) return m.export_id;
  return m.observed_at ? "observed:" + to_rfc3339(*m.observed_at) : "snapshot:" + metrics.snapshot_id;
}

bool export_finished(const MetricsSnapshot& m) {
  if (!m.posted_count) return false;
  return !m.export_id.empty() || *m.posted_count > 0 || m.skipped_count.value_or(0) > 0;
}

bool debounced(const AlertMemory& memory, AlertType type, UtcTime now) {
  const auto last = memory.last_sent.find(type);
  return last != memory.last_sent.end() && now - last->second < alert_debounce;
}

// Whether the alert goes out now; notes it where it does, and where only the debounce stands against it.
bool fire(AlertType type, const MetricsSnapshot& snapshot, AlertMemory& memory, Judgement& judgement, UtcTime now) {
  if (debounced(memory, type, now)) {
    judgement.held_back.push_back(type);
    return false;
  }
  memory.last_sent[type] = now;
  judgement.alerts.push_back({type, variables_of(type, snapshot)});
  return true;
}

}  // namespace

std::vector<AlertItem> items_of(const events::TenantMetrics& metrics) {
  std::vector<AlertItem> items;
  const MetricsSnapshot& m = *metrics.metrics;
  if (export_finished(m)) items.emplace_back(AlertType::EXPORT_COMPLETED, export_of(metrics));
  if (!m.vendor.empty() && m.consistent_labels.value_or(0) >= consistent_labels_threshold)
    items.emplace_back(AlertType::COLDSTART_GRADUATED, m.vendor);
  return items;
}

Judgement judge(const events::TenantMetrics& metrics, const AlertToggles& on, AlertMemory& memory, UtcTime now) {
  Judgement judgement;
  const MetricsSnapshot& m = *metrics.metrics;
  const UtcTime observed_at = m.observed_at.value_or(metrics.accepted_at.value_or(now));
  for (const AlertType type : {AlertType::PSI_ALERT, AlertType::BUDGET_FALLBACK, AlertType::JE_IMBALANCE}) {
    const auto up = is_up(type, m);
    AlertMemory::Level& level = memory.levels[type];
    if (!up || observed_at < level.observed_at) continue;
    const bool changes = *up != level.raised && (!*up || (on.is_on(type) && fire(type, m, memory, judgement, now)));
    if (changes) level.raised = *up;
    if (!changes && observed_at == level.observed_at) continue;
    level.observed_at = observed_at;
    memory.changed_levels.insert(type);
  }
  for (const AlertItem& item : items_of(metrics)) {
    if (memory.items.contains(item)) continue;
    if (on.is_on(item.first) && !fire(item.first, m, memory, judgement, now)) continue;
    memory.items.insert(item);
    memory.new_items.insert(item);
  }
  return judgement;
}

}  // namespace carillon::orchestrator
