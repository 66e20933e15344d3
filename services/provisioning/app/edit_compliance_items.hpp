// Compliance items of a client: listing, adding, changing, removing.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable or pg::Conflict.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/caller.hpp"
#include "provisioning/core/compliance_item.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

struct ItemPage {
  std::vector<ComplianceItem> items;
  std::optional<PagePlace> next;
};

class EditComplianceItems {
 public:
  EditComplianceItems(pg::Pool& pool, bus::Bus& bus, const Clock& clock) : pool_(pool), bus_(bus), clock_(clock) {}

  // Newest first. Failure CLIENT_NOT_FOUND.
  Result<ItemPage> list(const std::string& client_id, const ItemFilter& filter);
  // Failures: MALFORMED_JSON, INVALID_FIELD, CLIENT_NOT_FOUND, COMPLIANCE_ITEMS_FULL.
  Result<ComplianceItem> add(const std::string& client_id, const std::string& body, const Caller& caller);
  // Failures: MALFORMED_JSON, INVALID_FIELD, COMPLIANCE_ITEM_NOT_FOUND, also of another client's.
  Result<ComplianceItem> change(const std::string& client_id, const std::string& item_id, const std::string& body,
                                const Caller& caller);
  std::optional<Failure> remove(const std::string& client_id, const std::string& item_id, const Caller& caller);

 private:
  void audit_and_commit(pg::Transaction& tx, const char* action, const ComplianceItem& item, std::string fields,
                        const Caller& caller, UtcTime now);
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
};

}  // namespace carillon::provisioning
