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

StoredFiles find_and_keep_files(pg::Transaction& tx, std::vector<std::string> ids, std::chrono::hours retention,
                                UtcTime now) {
  sort_unique(ids);
  attachments::keep(tx, ids, now, now + retention - keep_spacing, now + retention);
  return find_files(tx, std::move(ids), now);
}

}  // namespace carillon::orchestrator
