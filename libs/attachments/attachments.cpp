#include "attachments/attachments.hpp"

#include <fmt/format.h>

#include "attachments_sql.hpp"

namespace carillon::attachments {
namespace {

using Of = pg::BinaryArray::Of;

pg::BinaryArray uuids(std::span<const std::string> ids) {
  pg::BinaryArray array(Of::UUID);
  for (const std::string& id : ids) array.add(id);
  return array;
}

template <class Value>
pg::BinaryArray only(Of type, const Value& value) {
  pg::BinaryArray array(type);
  array.add(value);
  return array;
}

pg::Params row_of(const Facts& facts, const std::string& content, UtcTime now, UtcTime keep_until) {
  pg::Params params;
  params.add(only(Of::UUID, facts.attachment_id)).add(only(Of::TEXT, facts.owner));
  params.add(only(Of::TEXT, facts.file_name)).add(only(Of::TEXT, facts.content_type));
  params.add(only(Of::INT4, static_cast<std::int64_t>(content.size()))).add(only(Of::BYTEA, facts.sha256));
  params.add(only(Of::TIMESTAMPTZ, now)).add(only(Of::TIMESTAMPTZ, keep_until)).add(only(Of::BYTEA, content));
  return params;
}

void grant(pg::Connection& owner, const std::string& role, const char* rights) {
  pg::ensure_role(owner, role);
  const pg::MigrationLock lock(owner);
  owner.run(
      fmt::format("GRANT USAGE ON SCHEMA attachments TO {0}; GRANT {1} ON attachments.files TO {0}", role, rights));
}

}  // namespace

pg::Schema schema() {
  return {"attachments", "", attachments_sql::migrations};
}

void grant_keeper(pg::Connection& owner, const std::string& role) {
  grant(owner, role, "SELECT, INSERT, DELETE, UPDATE (keep_until)");
}

void grant_writer(pg::Connection& owner, const std::string& role) {
  grant(owner, role, "INSERT");
}

void grant_reader(pg::Connection& owner, const std::string& role) {
  grant(owner, role, "SELECT");
}

void store(pg::Connection& connection, const Facts& facts, const std::string& content, UtcTime now,
           UtcTime keep_until) {
  connection.run_binary(attachments_sql::store_file, row_of(facts, content, now, keep_until));
}

void store(pg::Transaction& tx, const Facts& facts, const std::string& content, UtcTime now, UtcTime keep_until) {
  tx.run_binary(attachments_sql::store_file, row_of(facts, content, now, keep_until));
}

void store(pg::Transaction& tx, std::span<const NewFile> files, UtcTime now, UtcTime keep_until) {
  pg::BinaryArray ids(Of::UUID), owners(Of::TEXT), names(Of::TEXT), types(Of::TEXT), sizes(Of::INT4);
  pg::BinaryArray digests(Of::BYTEA), created(Of::TIMESTAMPTZ), kept(Of::TIMESTAMPTZ), contents(Of::BYTEA);
  for (const NewFile& file : files) {
    ids.add(file.facts.attachment_id);
    owners.add(file.facts.owner);
    names.add(file.facts.file_name);
    types.add(file.facts.content_type);
    sizes.add(std::int64_t{file.facts.bytes});
    digests.add(file.facts.sha256);
    created.add(now);
    kept.add(keep_until);
    contents.add(file.content);
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(owners)).add(std::move(names)).add(std::move(types)).add(std::move(sizes));
  params.add(std::move(digests)).add(std::move(created)).add(std::move(kept)).add(std::move(contents));
  tx.run_binary(attachments_sql::store_file, params);
}

std::int64_t lock_and_count(pg::Transaction& tx, const std::string& owner, UtcTime now) {
  tx.run(attachments_sql::lock_owner, pg::Params().add(owner));
  return tx
      .run(attachments_sql::count_stored,
           pg::Params().add(owner).add(now).add(static_cast<std::int64_t>(counted_file_bytes_min)))[0][0]
      .as<std::int64_t>();
}

std::unordered_map<std::string, Facts> find(pg::Transaction& tx, std::span<const std::string> ids, UtcTime now) {
  std::unordered_map<std::string, Facts> found;
  const pg::BinaryRows rows = tx.run_binary(attachments_sql::find_files, pg::Params().add(uuids(ids)).add(now));
  for (int row = 0; row < rows.size(); ++row) {
    Facts facts;
    facts.attachment_id = rows.uuid(row, 0);
    facts.owner = rows.bytes(row, 1);
    facts.file_name = rows.bytes(row, 2);
    facts.content_type = rows.bytes(row, 3);
    facts.bytes = static_cast<std::int32_t>(rows.integer(row, 4));
    facts.sha256 = rows.bytes(row, 5);
    std::string id = facts.attachment_id;
    found.emplace(std::move(id), std::move(facts));
  }
  return found;
}

void keep(pg::Transaction& tx, const std::map<std::string, KeptUntil>& files, UtcTime now) {
  pg::BinaryArray ids(Of::UUID), at_least(Of::TIMESTAMPTZ), until(Of::TIMESTAMPTZ);
  for (const auto& [id, kept] : files) {
    ids.add(id);
    at_least.add(kept.at_least);
    until.add(kept.until);
  }
  tx.run_binary(attachments_sql::keep_longer,
                pg::Params().add(std::move(ids)).add(std::move(at_least)).add(std::move(until)).add(now));
}

std::unordered_map<std::string, Content> load(pg::Connection& connection, std::span<const std::string> ids) {
  std::unordered_map<std::string, Content> found;
  const pg::BinaryRows rows = connection.run_binary(attachments_sql::load_files, pg::Params().add(uuids(ids)));
  for (int row = 0; row < rows.size(); ++row)
    found.emplace(rows.uuid(row, 0), Content{std::string(rows.bytes(row, 1)), std::string(rows.bytes(row, 2))});
  return found;
}

int drop_old(pg::Connection& connection, UtcTime now, int files_max) {
  return static_cast<int>(
      connection.run(attachments_sql::drop_old_files, pg::Params().add(now).add(files_max)).affected_rows());
}

}  // namespace carillon::attachments
