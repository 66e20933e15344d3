#include "orchestrator/app/stored_files.hpp"

#include <algorithm>

#include "attachments/attachments.hpp"
#include "security/digest.hpp"

namespace carillon::orchestrator {
namespace {

void sort_unique(std::vector<std::string>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

StoredFiles find_files(pg::Transaction& tx, std::vector<std::string> ids, UtcTime now) {
  sort_unique(ids);
  StoredFiles files;
  for (auto& [id, facts] : attachments::find(tx, ids, now)) {
    StoredFile file;
    file.owner = std::move(facts.owner);
    file.ref.attachment_id = id;
    file.ref.file_name = std::move(facts.file_name);
    file.ref.content_type = std::move(facts.content_type);
    file.ref.bytes = facts.bytes;
    file.ref.sha256 = security::hex(facts.sha256);
    files.emplace(id, std::move(file));
  }
  return files;
}

StoredFiles find_and_keep_files(pg::Transaction& tx, const std::map<std::string, UtcTime>& needed_until,
                                std::chrono::hours retention, UtcTime now) {
  std::map<std::string, attachments::KeptUntil> kept;
  std::vector<std::string> ids;
  ids.reserve(needed_until.size());
  for (const auto& [id, needed] : needed_until) {
    kept[id] = {needed + retention - keep_spacing, needed + retention};
    ids.push_back(id);
  }
  attachments::keep(tx, kept, now);
  return find_files(tx, std::move(ids), now);
}

}  // namespace carillon::orchestrator
