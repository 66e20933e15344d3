// Tenants' alert settings for people and programs: looked at, changed, tried. Each change, test and refusal with its
// audit entry, which names fields and no value.
//
// Thread-safe; every call takes a connection from the pool, blocks on the database and throws the pg:: errors.
#pragma once
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/facts.hpp"
#include "orchestrator/core/alert_settings.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

inline constexpr int alert_tests_max = 10;  // of a tenant in alert_debounce
inline constexpr std::chrono::milliseconds alert_decision_wait_max{2'000};

// Who asks about which tenant: account:<id> or api:<owner of the key>.
struct AlertAsker {
  std::string actor, tenant_id, traceparent;
};

// Whether an alert would really go out on a channel.
enum class ChannelState { READY, NO_ADDRESS, NOT_CONFIGURED };

class EditAlerts {
 public:
  EditAlerts(const Facts& facts, pg::Pool& pool, bus::Bus& bus, const Clock& clock)
      : facts_(facts), pool_(pool), bus_(bus), clock_(clock) {}

  bool knows_tenant(const std::string& tenant_id) const { return facts_.clients.find(tenant_id) != nullptr; }
  AlertSettings find(const std::string& tenant_id);
  ChannelState state_of(const AlertSettings& settings, events::Channel channel) const;
  AlertSettings save(const AlertAsker& asker, const AlertChange& change);
  // Asks for a test message on each channel, whatever the toggles and the debounce say; their rows of the log. Waits
  // alert_decision_wait_max at most until they are decided. Failure TOO_MANY_TESTS.
  Result<AlertLogPage> send_test(const AlertAsker& asker);
  AlertLogPage log(const std::string& tenant_id, const AlertLogQuery& query);
  // Somebody's session was not enough. `what`: READ, CHANGE or TEST; `tenant_id`: the visitor's own, "" of an ADMIN.
  void note_refused(const std::string& account_id, const AlertAsker& asker, std::string_view what,
                    std::string_view code);

 private:
  void commit(pg::Transaction& tx, bus::Outbox& out, events::AuditEvent audit, UtcTime now, const AlertAsker& asker);
  void wait_decided(const std::vector<std::string>& message_ids);

  const Facts& facts_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
