#include <catch2/catch.hpp>

#include "attachments/attachments.hpp"
#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/digest.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr const char* keeper_role = "carillon_test_keeper";
constexpr const char* reader_role = "carillon_test_reader";
constexpr const char* stranger_role = "carillon_test_stranger";
const UtcTime now = from_unix_micros(1'790'000'000'000'000);

struct Files {
  Files() : owner(as("")) {
    pg::migrate(owner, attachments::schema());
    attachments::grant_keeper(owner, keeper_role);
    attachments::grant_reader(owner, reader_role);
    pg::ensure_role(owner, stranger_role);
  }
  pg::ConnectionSettings as(const std::string& role) const {
    pg::ConnectionSettings settings;
    settings.url = database.url();
    settings.role = role;
    return settings;
  }
  std::string store(pg::Connection& connection, const std::string& content, UtcTime keep_until) const {
    const attachments::Facts facts{new_uuid(now),
                                   "api:shop",
                                   "a.pdf",
                                   "application/pdf",
                                   static_cast<std::int32_t>(content.size()),
                                   security::sha256(content)};
    attachments::store(connection, facts, content, now, keep_until);
    return facts.attachment_id;
  }
  testing::TestDatabase database;
  pg::Connection owner;
};

std::string refusal(pg::Connection& connection, const std::string& sql) {
  try {
    connection.run(sql);
    return "done";
  } catch (const pg::StatementError& error) {
    return error.sqlstate;
  }
}

constexpr const char* insufficient_privilege = "42501";

}  // namespace

TEST_CASE("files: what is stored is found and loaded byte for byte") {
  Files files;
  pg::Connection keeper(files.as(keeper_role));
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::string large = security::random_bytes(attachments::attachment_bytes_max);
  const std::vector<std::string> ids{files.store(keeper, bytes, now + 1h), files.store(keeper, large, now + 1h),
                                     new_uuid(now)};
  pg::Connection reader(files.as(reader_role));
  const auto loaded = attachments::load(reader, ids);
  REQUIRE(loaded.size() == 2);
  CHECK(loaded.at(ids[0]).bytes == bytes);
  CHECK((loaded.at(ids[1]).bytes == large));
  CHECK(loaded.at(ids[0]).sha256 == security::sha256(bytes));
  pg::Transaction tx(keeper);
  const auto found = attachments::find(tx, ids, now);
  REQUIRE(found.size() == 2);
  CHECK(found.at(ids[0]).file_name == "a.pdf");
  CHECK(found.at(ids[0]).owner == "api:shop");
  CHECK(found.at(ids[1]).bytes == static_cast<std::int32_t>(large.size()));
  CHECK(attachments::find(tx, ids, now + 1h).empty());
}

TEST_CASE("files: keeping longer touches only what would go too early and is not gone yet") {
  Files files;
  const std::string soon = files.store(files.owner, "a", now + 1h), later = files.store(files.owner, "b", now + 10h),
                    over = files.store(files.owner, "c", now - 1h), soonest = files.store(files.owner, "d", now + 1h);
  {
    pg::Transaction tx(files.owner);
    const attachments::KeptUntil kept{now + 5h, now + 6h};
    attachments::keep(
        tx, {{soon, kept}, {later, kept}, {over, kept}, {soonest, {now + 2h, now + 3h}}, {new_uuid(now), kept}}, now);
    tx.commit();
  }
  const auto hours = [&](const std::string& id) {
    const auto rows = files.owner.run("SELECT keep_until FROM attachments.files WHERE attachment_id = '" + id + "'");
    return std::chrono::duration_cast<std::chrono::hours>(pg::to_utc(rows[0][0].as<std::string>()) - now).count();
  };
  CHECK(hours(soon) == 6);
  CHECK(hours(later) == 10);
  CHECK(hours(over) == -1);
  CHECK(hours(soonest) == 3);
}

TEST_CASE("files: old ones go in lots, others stay") {
  Files files;
  pg::Connection keeper(files.as(keeper_role));
  for (int i = 0; i < 5; ++i) files.store(keeper, "x", now - 1h);
  const std::string kept = files.store(keeper, "y", now + 1h);
  CHECK(attachments::drop_old(keeper, now, 3) == 3);
  CHECK(attachments::drop_old(keeper, now, 3) == 2);
  CHECK(attachments::drop_old(keeper, now, 3) == 0);
  CHECK(attachments::load(keeper, std::vector{kept}).size() == 1);
}

TEST_CASE("role: who keeps files can't change one, who reads them can't do anything else, others nothing at all") {
  Files files;
  pg::Connection keeper(files.as(keeper_role)), reader(files.as(reader_role)), stranger(files.as(stranger_role));
  files.store(keeper, "x", now + 1h);
  for (const char* column : {"content = 'y'", "owner = 'api:other'", "file_name = 'b'", "sha256 = 'y'", "bytes = 2"})
    CHECK(refusal(keeper, std::string("UPDATE attachments.files SET ") + column) == insufficient_privilege);
  CHECK(refusal(keeper, "UPDATE attachments.files SET keep_until = now()") == "done");
  CHECK(refusal(keeper, "TRUNCATE attachments.files") == insufficient_privilege);
  CHECK(refusal(reader, "SELECT count(*) FROM attachments.files") == "done");
  for (const char* sql :
       {"DELETE FROM attachments.files", "UPDATE attachments.files SET keep_until = now()",
        "INSERT INTO attachments.files SELECT * FROM attachments.files", "CREATE TABLE attachments.mine (a int)"})
    CHECK(refusal(reader, sql) == insufficient_privilege);
  CHECK(refusal(stranger, "SELECT count(*) FROM attachments.files") == insufficient_privilege);
}
