// Templates in the database: seeding, and a snapshot for everyone who decides or renders.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <tuple>

#include "orchestrator/app/template_seeds.hpp"
#include "orchestrator/core/template_catalog.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

class TemplateStore {
 public:
  // Inserts what is missing; a changed seed becomes a new active version only where the active one is a seed's. Several
  // instances may do it at once (advisory lock). Returns how many templates it wrote.
  static int seed(pg::Connection& connection, std::span<const TemplateSeed> seeds, UtcTime now);

  // Loads the catalog when the revision has moved. Call each second, from one thread.
  void refresh(pg::Connection& connection);

  // nullptr before the first refresh. Thread-safe.
  std::shared_ptr<const TemplateCatalog> catalog() const;

 private:
  using BodyId = std::tuple<std::string, int, std::string>;
  std::map<BodyId, std::shared_ptr<const CompiledBody>>
      compiled_;  // versions never change, so neither does this; refresh's thread
  mutable std::mutex mutex_;
  std::shared_ptr<const TemplateCatalog> catalog_;  // guarded by mutex_
};

}  // namespace carillon::orchestrator
