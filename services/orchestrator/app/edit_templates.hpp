// What an ADMIN does to templates: a new version, another active one, on and off. Each change with its audit entry in
// one transaction; this instance sees it at once, the others within a second.
//
// Thread-safe; every call takes a connection from the pool, blocks on the database and throws the pg:: errors.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/template_store.hpp"
#include "orchestrator/core/template_draft.hpp"
#include "orchestrator/core/template_orders.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr int template_versions_max = 1'000;  // of one template; all are kept, in the database and compiled

struct Editor {
  std::string actor;  // account:<id> or api:<owner of the key>
  std::string_view traceparent;
};

struct AddedVersion {
  int version = 0;
  std::vector<DraftProblem> problems;  // not empty: nothing was stored
};

struct Activation {
  std::string key;  // not an alias
  int version = 0, replaced = 0;
};

class EditTemplates {
 public:
  EditTemplates(pg::Pool& pool, bus::Bus& bus, const Clock& clock, TemplateStore& store)
      : pool_(pool), bus_(bus), clock_(clock), store_(store) {}

  // `key` may be an alias. Failures: TEMPLATE_NOT_FOUND; TEMPLATE_CHANGED: `based_on` is not the newest version,
  // somebody else was faster; TEMPLATE_VERSION_NOT_FOUND: `from` is none; TEMPLATE_VERSIONS_FULL. The new version is
  // not active yet.
  Result<AddedVersion> add_version(const std::string& key, const VersionOrder& order, const Editor& editor);
  // From now on requests that pin no version get this one; an older one rolls back. Failures TEMPLATE_NOT_FOUND,
  // TEMPLATE_VERSION_NOT_FOUND, TEMPLATE_CHANGED: `replaces` is given and is not the active one.
  Result<Activation> activate(const std::string& key, int version, std::optional<int> replaces, const Editor& editor);
  // Off: every request for the template becomes BLOCKED_TEMPLATE_INACTIVE. false: it was so already. Failure
  // TEMPLATE_NOT_FOUND.
  Result<bool> switch_active(const std::string& key, bool active, const Editor& editor);

 private:
  struct State;
  std::optional<State> lock(pg::Transaction& tx, const std::string& key);
  void commit(pg::Transaction& tx, const events::AuditEvent& audit, UtcTime now, const Editor& editor);
  void see_at_once(pg::Connection& connection);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  TemplateStore& store_;
};

}  // namespace carillon::orchestrator
