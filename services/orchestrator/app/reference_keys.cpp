#include "orchestrator/app/reference_keys.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

// A key's reference of this text, which is nobody's address, is its fingerprint.
constexpr std::string_view fingerprint_of = "which key is this";
constexpr std::size_t fingerprint_chars = 8;

pg::Array array_of(const std::vector<std::string>& texts) {
  pg::Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

}  // namespace

std::vector<std::string> reference_key_ids(const security::Sealer& sealer) {
  std::vector<std::string> ids{sealer.reference(fingerprint_of)};
  for (std::string& older : sealer.older_references(fingerprint_of)) ids.push_back(std::move(older));
  for (std::string& id : ids) id.resize(fingerprint_chars);
  return ids;
}

void note_reference_keys(pg::Connection& connection, const security::Sealer& sealer, UtcTime now) {
  connection.run(orchestrator_sql::note_reference_keys, pg::Params().add(array_of(reference_key_ids(sealer))).add(now));
}

std::vector<UnreachableEntries> find_unreachable(pg::Connection& connection, const security::Sealer& sealer) {
  const auto slack = std::chrono::seconds(reference_keys_note_interval) * 2;
  const auto rows = connection.run(
      orchestrator_sql::count_unreachable,
      pg::Params().add(array_of(reference_key_ids(sealer))).add(static_cast<std::int64_t>(slack.count())));
  std::vector<UnreachableEntries> found;
  for (const auto& row : rows) found.push_back({row["key_id"].as<std::string>(), row["entries"].as<std::int64_t>()});
  return found;
}

}  // namespace carillon::orchestrator
