// Templates in the database: seeding, and a snapshot for everyone who decides or renders.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "orchestrator/app/template_seeds.hpp"
#include "orchestrator/core/template_catalog.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

class TemplateStore {
 public:
  // Inserts what is missing. A changed seed becomes a new version: the active one only where a seed is, and nobody has
  // chosen it; what people have written or chosen stays active, and the gates of meta.json follow the seed all the
  // same. Several instances may do it at once (advisory lock). Returns how many versions it wrote.
  static int seed(pg::Connection& connection, std::span<const TemplateSeed> seeds, UtcTime now);

  // Loads what is new when the revision has moved, one cheap read when it has not. Each second, and wherever a change
  // that was just made has to be seen. Thread-safe.
  void refresh(pg::Connection& connection);
  void refresh(pg::Transaction& tx);

  // nullptr before the first refresh. Thread-safe.
  std::shared_ptr<const TemplateCatalog> catalog() const;

 private:
  template <class Session>
  void refresh_from(Session& session);
  void compile(const std::string& key, int version, const TemplateBody& body);

  std::mutex refresh_mutex_;
  std::map<std::string, std::map<int, TemplateVersion>> compiled_;  // versions never change, so neither does this
  std::map<std::string, int> newest_;                               // of those that were read; both: refresh_mutex_
  mutable std::mutex mutex_;
  std::shared_ptr<const TemplateCatalog> catalog_;  // guarded by mutex_
};

}  // namespace carillon::orchestrator
