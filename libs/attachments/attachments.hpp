// Files that messages refer to by id: schema `attachments`, which the orchestrator keeps, services with files of
// their own add to, and the provider-dispatcher reads. Events carry a reference, never the bytes: a record of the bus
// may hold 900 KiB.
//
// Free functions over the caller's connection or transaction, one statement each; they throw the pg:: errors.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>

#include "attachments/limits.hpp"
#include "postgres/connection.hpp"
#include "postgres/migrate.hpp"
#include "time/utc_time.hpp"

namespace carillon::attachments {

pg::Schema schema();

// `role` may store, look up, keep longer and drop files, but never change one. Creates the role when it is missing.
void grant_keeper(pg::Connection& owner, const std::string& role);
// `role` may store files, and do nothing else with them.
void grant_writer(pg::Connection& owner, const std::string& role);
// `role` may read files.
void grant_reader(pg::Connection& owner, const std::string& role);

struct Facts {
  std::string attachment_id;  // UUID
  std::string owner;          // the source of requests that may name it: "api:<owner of the key>", a service's own
  std::string file_name;
  std::string content_type;
  std::int32_t bytes = 0;
  std::string sha256;  // 32 raw bytes
};

// `facts.bytes` is content's size.
void store(pg::Connection& connection, const Facts& facts, const std::string& content, UtcTime now, UtcTime keep_until);
void store(pg::Transaction& tx, const Facts& facts, const std::string& content, UtcTime now, UtcTime keep_until);

struct NewFile {
  Facts facts;  // `bytes` is content's size
  std::string content;
};
void store(pg::Transaction& tx, std::span<const NewFile> files, UtcTime now, UtcTime keep_until);

// Bytes (counted_file_bytes) of what this owner has stored and what is kept beyond `now`. Two statements: others who
// ask for the same owner wait until `tx` ends, so a store after it keeps a limit.
std::int64_t lock_and_count(pg::Transaction& tx, const std::string& owner, UtcTime now);

// By id, those that are there and kept beyond `now`.
std::unordered_map<std::string, Facts> find(pg::Transaction& tx, std::span<const std::string> ids, UtcTime now);

struct KeptUntil {
  UtcTime at_least{};
  UtcTime until{};
};
// By id: of the files whose time is not over at `now`, those that are not kept until `at_least` are kept until `until`.
// Rows are locked in the order of ids.
void keep(pg::Transaction& tx, const std::map<std::string, KeptUntil>& files, UtcTime now);

struct Content {
  std::string sha256;  // as it was stored; 32 raw bytes
  std::string bytes;
};
// By id, those that are there, also when their time is over but nobody has dropped them yet.
std::unordered_map<std::string, Content> load(pg::Connection& connection, std::span<const std::string> ids);

// Drops at most `files_max` files whose time was over at `now`; answers how many.
int drop_old(pg::Connection& connection, UtcTime now, int files_max);

}  // namespace carillon::attachments
