// The suppression list for people, and what recipients unsubscribe from. Each change with its audit entry in one
// transaction; decisions read the tables, so a change holds from the next one on.
//
// Thread-safe; every call takes a connection from the pool, blocks on the database and throws the pg:: errors.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/core/suppression_filter.hpp"
#include "orchestrator/core/unsubscribe_token.hpp"
#include "postgres/pool.hpp"
#include "security/seal.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

inline constexpr std::string_view unsubscribe_reason = "UNSUBSCRIBE";  // of feedback too

struct SuppressionPage {
  std::vector<Suppression> items;
  std::optional<SuppressionPlace> next;
};

struct AddedSuppression {
  Suppression entry;  // as it stands: an earlier one is not changed
  bool is_new = false;
};

class Suppressions {
 public:
  Suppressions(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, const Clock& clock)
      : pool_(pool), bus_(bus), sealer_(sealer), clock_(clock) {}

  SuppressionPage list(const SuppressionFilter& filter);
  // `actor`: api:<owner of the key>.
  AddedSuppression add(const SuppressionOrder& order, const std::string& actor, std::string_view traceparent);
  // How many entries are gone; 0 when there was none.
  int lift(const SuppressionLift& lift, const std::string& actor, std::string_view traceparent);
  // One statement; a second one with the audit entry only when the recipient had not unsubscribed before.
  void unsubscribe(const UnsubscribeTicket& ticket, std::string_view traceparent);

 private:
  void commit(pg::Transaction& tx, const events::AuditEvent& audit, UtcTime now, std::string_view traceparent);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  const Clock& clock_;
};

}  // namespace carillon::orchestrator
