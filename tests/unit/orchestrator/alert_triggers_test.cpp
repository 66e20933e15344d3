#include "orchestrator/core/alert_triggers.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/alert_thresholds.hpp"
#include "orchestrator/core/metrics_snapshot.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace std::chrono_literals;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);

// A tenant with everything on, snapshot after snapshot.
struct Tenant {
  AlertToggles on;
  AlertMemory memory;
  UtcTime now = start;
  std::vector<AlertType> held_back;

  Tenant() {
    for (std::size_t i = 0; i < alert_toggles_count; ++i) on.set(alert_kinds[i].type, true);
  }

  std::vector<Alert> measure(const std::string& json, const std::string& snapshot_id = "s") {
    events::TenantMetrics metrics;
    metrics.tenant_id = "acme";
    metrics.snapshot_id = snapshot_id;
    metrics.accepted_at = now;
    const auto read = read_metrics(json, now);
    REQUIRE(read);
    metrics.metrics = *read;
    auto judgement = judge(metrics, on, memory, now);
    held_back = judgement.held_back;
    return judgement.alerts;
  }
  std::size_t count(const std::string& json, const std::string& snapshot_id = "s") {
    return measure(json, snapshot_id).size();
  }
};

std::string at(UtcTime time, const std::string& member) {
  return "{\"observed_at\":\"" + to_rfc3339(time) + "\"," + member + "}";
}

constexpr const char* up = R"({"je_imbalance_count":1})";
constexpr const char* down = R"({"je_imbalance_count":0})";

}  // namespace

TEST_CASE("alert triggers: PSI of 0.20 does not fire, 0.2001 does, be it of vendors or of amounts") {
  CHECK(Tenant().count(R"({"psi_vendor":0.20,"psi_amount":0.20})") == 0);
  const auto vendor = Tenant().measure(R"({"psi_vendor":0.2001})");
  REQUIRE(vendor.size() == 1);
  CHECK(vendor[0] == Alert{AlertType::PSI_ALERT, {R"({"psi_vendor":"0.2001","threshold":"0.20"})"}});
  CHECK(Tenant().count(R"({"psi_amount":0.2001})") == 1);
  CHECK(Tenant().count(R"({"psi_vendor":0.1,"psi_amount":0.3})") == 1);
}

TEST_CASE("alert triggers: fallback active, with spend and budget as far as they are known") {
  CHECK(Tenant().count(R"({"fallback_active":false,"spend":60})") == 0);
  const auto fired = Tenant().measure(R"({"fallback_active":true,"spend":52.1,"budget":50,"currency":"USD"})");
  REQUIRE(fired.size() == 1);
  CHECK(fired[0] == Alert{AlertType::BUDGET_FALLBACK, {R"({"spend":"52.10 USD","budget":"50.00 USD"})"}});
  CHECK(Tenant().measure(R"({"fallback_active":true})")[0].variables.text == "{}");
}

TEST_CASE("alert triggers: one journal entry that does not balance is enough") {
  CHECK(Tenant().count(down) == 0);
  CHECK(Tenant().measure(up).at(0) == Alert{AlertType::JE_IMBALANCE, {R"({"je_imbalance_count":1})"}});
}

TEST_CASE("alert triggers: a finished export with what was posted and skipped") {
  CHECK(Tenant().measure(R"({"export_id":"e1","posted_count":118,"skipped_count":4})").at(0) ==
        Alert{AlertType::EXPORT_COMPLETED, {R"({"posted_count":118,"skipped_count":4,"export_id":"e1"})"}});
  CHECK(Tenant().count(R"({"posted_count":0,"skipped_count":0})") == 0);
  CHECK(Tenant().count(R"({"export_id":"e1","posted_count":0})") == 1);
}

TEST_CASE("alert triggers: a vendor is ready from three consistent labels on") {
  CHECK(Tenant().count(R"({"vendor":"Bolt","consistent_labels":2})") == 0);
  CHECK(Tenant().measure(R"({"vendor":"Bolt","consistent_labels":3})").at(0) ==
        Alert{AlertType::COLDSTART_GRADUATED, {R"({"vendor":"Bolt","consistent_labels":3})"}});
}

TEST_CASE("alert triggers: a level fires when it comes up, and again only after it was down") {
  Tenant tenant;
  CHECK(tenant.count(up) == 1);
  tenant.now += 1h;
  CHECK(tenant.count(R"({"je_imbalance_count":7})") == 0);
  CHECK(tenant.count(R"({"psi_vendor":0.1})") == 0);  // says nothing about it
  CHECK(tenant.count(up) == 0);
  CHECK(tenant.count(down) == 0);
  CHECK(tenant.count(up) == 1);
}

TEST_CASE("alert triggers: debounce - within 15 minutes held back, at 15 minutes told by what still says so") {
  Tenant tenant;
  tenant.count(up);
  tenant.now += 1min;
  tenant.count(down);
  tenant.now = start + alert_debounce - 1us;
  CHECK(tenant.count(up) == 0);
  CHECK(tenant.held_back == std::vector{AlertType::JE_IMBALANCE});
  tenant.now = start + alert_debounce;
  CHECK(tenant.count(up) == 1);
}

TEST_CASE("alert triggers: debounce - each type has its own, items are held back and not lost") {
  Tenant tenant;
  CHECK(tenant.count(R"({"export_id":"e1","posted_count":1,"je_imbalance_count":1})") == 2);
  CHECK(tenant.count(R"({"export_id":"e2","posted_count":1})") == 0);
  tenant.now += alert_debounce;
  CHECK(tenant.count(R"({"export_id":"e2","posted_count":1})") == 1);
  tenant.now += alert_debounce;
  CHECK(tenant.count(R"({"export_id":"e1","posted_count":1})") == 0);
  CHECK(tenant.count(R"({"export_id":"e2","posted_count":1})") == 0);
}

TEST_CASE("alert triggers: without an export id each snapshot is an export, the same one once more is not") {
  Tenant tenant;
  CHECK(tenant.count(R"({"posted_count":1})", "s1") == 1);
  tenant.now += alert_debounce;
  CHECK(tenant.count(R"({"posted_count":1})", "s1") == 0);
  CHECK(tenant.count(R"({"posted_count":1})", "s2") == 1);
}

TEST_CASE("alert triggers: what is off is not told; a level is told once it is on, an item from before never") {
  Tenant tenant;
  tenant.on = {};
  CHECK(tenant.count(R"({"je_imbalance_count":1,"export_id":"e1","posted_count":1})") == 0);
  CHECK(tenant.held_back.empty());
  CHECK(tenant.memory.new_items.size() == 1);
  tenant.on.set(AlertType::JE_IMBALANCE, true);
  tenant.on.set(AlertType::EXPORT_COMPLETED, true);
  const auto fired = tenant.measure(R"({"je_imbalance_count":1,"export_id":"e1","posted_count":1})");
  REQUIRE(fired.size() == 1);
  CHECK(fired[0].type == AlertType::JE_IMBALANCE);
}

TEST_CASE("alert triggers: a snapshot from before a level's last change changes nothing") {
  Tenant tenant;
  tenant.now = start + 1h;
  CHECK(tenant.count(at(start, R"("je_imbalance_count":1)")) == 1);
  CHECK(tenant.count(at(start + 30min, R"("je_imbalance_count":0)")) == 0);
  tenant.now += 1h;
  CHECK(tenant.count(at(start, R"("je_imbalance_count":1)")) == 0);
  CHECK(tenant.count(at(start + 31min, R"("je_imbalance_count":1)")) == 1);
}

TEST_CASE("alert triggers: the newest observation counts, whether it raised an alert or not") {
  const AlertType type = AlertType::JE_IMBALANCE;
  Tenant tenant;
  tenant.now = start + 1h;
  CHECK(tenant.count(at(start, R"("je_imbalance_count":1)")) == 1);
  CHECK(tenant.count(at(start + 20min, R"("je_imbalance_count":2)")) == 0);  // up as before
  CHECK(tenant.memory.levels.at(type).observed_at == start + 20min);
  CHECK(tenant.count(at(start + 10min, R"("je_imbalance_count":0)")) == 0);  // late
  CHECK(tenant.memory.levels.at(type).raised);

  CHECK(tenant.count(at(start + 30min, R"("je_imbalance_count":0)")) == 0);
  CHECK(tenant.count(at(start + 40min, R"("je_imbalance_count":1)")) == 0);
  CHECK(tenant.held_back == std::vector{type});
  CHECK(tenant.memory.levels.at(type).observed_at == start + 40min);
  CHECK_FALSE(tenant.memory.levels.at(type).raised);

  tenant.on = {};
  CHECK(tenant.count(at(start + 50min, R"("je_imbalance_count":1)")) == 0);
  CHECK(tenant.memory.levels.at(type).observed_at == start + 50min);
}

TEST_CASE("alert triggers: only what has changed is to be kept") {
  Tenant tenant;
  tenant.count(at(start, R"("je_imbalance_count":0)"));
  CHECK(tenant.memory.changed_levels == std::set{AlertType::JE_IMBALANCE});  // when it was observed
  tenant.memory.changed_levels.clear();
  tenant.count(at(start, R"("je_imbalance_count":0)"));
  CHECK(tenant.memory.changed_levels.empty());
  tenant.count(at(start, R"("je_imbalance_count":1)"));
  CHECK(tenant.memory.changed_levels == std::set{AlertType::JE_IMBALANCE});
}

TEST_CASE("metrics snapshot: each wrong field is named, and no value repeated") {
  const auto refused = [](const std::string& json) {
    const auto read = read_metrics(json, start);
    REQUIRE_FALSE(read);
    return read.error().code == "INVALID_FIELD" ? read.error().detail.substr(0, read.error().detail.find(':'))
                                                : read.error().code;
  };
  CHECK(refused("[]") != "");
  CHECK(refused("{}") == "NO_METRICS");
  CHECK(refused(R"({"observed_at":"2026-01-01T00:00:00Z"})") == "NO_METRICS");
  CHECK(refused(R"({"psi_vendor":"0.3"})") == "psi_vendor");
  CHECK(refused(R"({"psi_vendor":-0.01})") == "psi_vendor");
  CHECK(refused(R"({"psi_amount":1001})") == "psi_amount");
  CHECK(refused(R"({"psi_amount":1e400})") == "MALFORMED_JSON");
  CHECK(refused(R"({"fallback_active":1})") == "fallback_active");
  CHECK(refused(R"({"spend":-1,"fallback_active":true})") == "spend");
  CHECK(refused(R"({"spend":1,"currency":"usd"})") == "currency");
  CHECK(refused(R"({"je_imbalance_count":-1})") == "je_imbalance_count");
  CHECK(refused(R"({"je_imbalance_count":1.5})") == "je_imbalance_count");
  CHECK(refused(R"({"export_id":"e1"})") == "posted_count");
  CHECK(refused(R"({"skipped_count":1})") == "posted_count");
  CHECK(refused(R"({"posted_count":1,"export_id":")" + std::string(101, 'x') + "\"}") == "export_id");
  CHECK(refused(R"({"consistent_labels":3})") == "vendor");
  CHECK(refused(R"({"vendor":"a\nb","consistent_labels":3})") == "vendor");
  CHECK(refused(R"({"vendor":"Bolt","consistent_labels":-3})") == "consistent_labels");
  CHECK(refused(R"({"unknown":1})") == "unknown");
  CHECK(refused(at(start + 5min + 1us, R"("psi_vendor":0.1)")) == "observed_at");
  CHECK(read_metrics(at(start + 5min, R"("psi_vendor":0.1)"), start));
  CHECK(read_metrics(R"({"vendor":"Bolt"})", start));
}
