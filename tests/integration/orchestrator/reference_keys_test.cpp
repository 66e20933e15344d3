#include "orchestrator/app/reference_keys.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/service.hpp"
#include "postgres/testing/test_database.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator;
using namespace std::chrono_literals;

namespace {

const std::string key_a(64, 'a'), key_b(64, 'b');
const UtcTime start = from_unix_micros(1'790'000'000'000'000);

security::Sealer sealer(const std::string& keys) {
  return *security::Sealer::from_text(keys);
}

struct Tables {
  Tables() : owner(settings()) { pg::migrate(owner, schema()); }
  pg::ConnectionSettings settings() const {
    pg::ConnectionSettings settings;
    settings.url = database.url();
    return settings;
  }
  void suppress(const std::string& hash, UtcTime at, const std::string& message_id = "") {
    owner.run(
        "INSERT INTO orchestrator.suppressions (channel, recipient_hash, reason, message_id, created_at) VALUES "
        "('EMAIL', '" +
        hash + "', 'MANUAL', '" + message_id + "', '" + to_rfc3339(at) + "')");
  }
  void unsubscribe(const std::string& hash, UtcTime at) {
    owner.run(
        "INSERT INTO orchestrator.unsubscribes (channel, recipient_hash, category, reason, source, created_at) "
        "VALUES ('EMAIL', '" +
        hash + "', 'leads', 'UNSUBSCRIBE', 'link', '" + to_rfc3339(at) + "')");
  }
  // "<key id> <entries>" of each key that is missed.
  std::vector<std::string> missed(const std::string& keys) {
    std::vector<std::string> out;
    for (const auto& one : find_unreachable(owner, sealer(keys)))
      out.push_back(one.key_id + " " + std::to_string(one.entries));
    return out;
  }
  carillon::testing::TestDatabase database;
  pg::Connection owner;
};

}  // namespace

TEST_CASE("reference keys: fingerprints are short, differ, and keep the order of the keys") {
  const auto both = reference_key_ids(sealer(key_b + "," + key_a));
  REQUIRE(both.size() == 2);
  CHECK(both[0].size() == 8);
  CHECK(both[0] == reference_key_ids(sealer(key_b)).at(0));
  CHECK(both[1] == reference_key_ids(sealer(key_a)).at(0));
  CHECK(both[0] != both[1]);
}

TEST_CASE("reference keys: entries from before a rotation are missed once the old key is removed, and not before") {
  Tables tables;
  tables.suppress("h0", start - 24h * 30);  // from before keys were noted
  note_reference_keys(tables.owner, sealer(key_a), start);
  tables.unsubscribe("h1", start + 1h);
  note_reference_keys(tables.owner, sealer(key_a), start + 24h);
  note_reference_keys(tables.owner, sealer(key_a + "," + key_b), start + 25h);
  note_reference_keys(tables.owner, sealer(key_b + "," + key_a), start + 48h);
  note_reference_keys(tables.owner, sealer(key_b + "," + key_a), start + 72h);
  tables.suppress("h2", start + 72h);
  // A receipt of a message that was decided under the old key.
  tables.suppress("h3", start + 72h, new_uuid(start + 12h));
  CHECK(tables.missed(key_b + "," + key_a).empty());
  CHECK(tables.missed(key_a + "," + key_b).empty());
  CHECK(tables.missed(key_b) == std::vector{reference_key_ids(sealer(key_a)).at(0) + " 3"});
  CHECK(tables.missed(key_a) == std::vector{reference_key_ids(sealer(key_b)).at(0) + " 2"});
}

TEST_CASE("reference keys: a key that nothing was noted under is not missed") {
  Tables tables;
  note_reference_keys(tables.owner, sealer(key_a), start);
  tables.suppress("h1", start + 48h);
  note_reference_keys(tables.owner, sealer(key_b), start + 24h);
  CHECK(tables.missed(key_b).empty());
}
