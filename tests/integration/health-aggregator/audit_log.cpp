#include "health-aggregator/app/apply_retention.hpp"
#include "health-aggregator/app/audit_chains.hpp"
#include "health-aggregator/app/verify_audit_chain.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

struct Audit : World {
  Audit() : ingest(as_health(), audit_key, clock), feed(*this, ingest), connection(as_health()) {}

  void write(int count, int partition = 0) {
    std::vector<events::AuditEvent> batch;
    for (int i = 0; i < count; ++i)
      batch.push_back(audit_event(clock.now(), "MESSAGE_DECIDED", "subject" + std::to_string(i)));
    feed(batch, partition);
  }
  AuditVerification verify(std::span<const ChainHead> heads = {}) {
    return verify_audit_chain(connection, audit_key, heads);
  }
  // As somebody who owns the database would, past the trigger.
  void tamper(const std::string& sql) {
    owner().run("ALTER TABLE health.audit_log DISABLE TRIGGER USER; " + sql +
                "; ALTER TABLE health.audit_log ENABLE TRIGGER USER");
  }

  IngestAudit ingest;
  Feed feed;
  pg::Connection connection;
};

}  // namespace

TEST_CASE_METHOD(Audit, "audit chain: what was written is whole, over partitions and batches") {
  write(10, 0);
  write(5, 3);
  write(10, 0);
  const auto verification = verify();
  CHECK_FALSE(verification.broken);
  CHECK(verification.rows == 25);
  REQUIRE(verification.ends.size() == 2);
  CHECK(verification.ends[0].chain_seq == 20);
  CHECK(verification.ends[1].chain_seq == 5);
}

TEST_CASE_METHOD(Audit, "audit chain: another instance goes on where the first one stopped") {
  write(3);
  IngestAudit second(as_health(), audit_key, clock);
  Feed second_feed(*this, second);
  second_feed.received({{0, 3, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "s"))}}});
  write(0);
  feed.received({{0, 4, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "s"))}}});
  CHECK(verify().rows == 5);
  CHECK_FALSE(verify().broken);
}

TEST_CASE_METHOD(Audit, "audit chain: a writer that lost its partition without knowing is told to try again") {
  write(3);
  IngestAudit second(as_health(), audit_key, clock);
  Feed second_feed(*this, second);
  const bus::Received next{0, 3, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "s"))}};
  second_feed.received({next});
  const bus::Received also_next{0, 3, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "t"))}};
  CHECK_THROWS_AS(feed.received({also_next}), pg::Conflict);
  ingest.rolled_back();
  feed.received({also_next});
  CHECK_FALSE(verify().broken);
}

TEST_CASE_METHOD(Audit, "audit chain: an event that comes twice is written once, also after a restart") {
  const auto event = audit_event(clock.now(), "MESSAGE_DECIDED", "s");
  feed(std::vector{event, event});
  feed(std::vector{event});
  IngestAudit restarted(as_health(), audit_key, clock);
  Feed(*this, restarted)(std::vector{event});
  CHECK(number("SELECT count(*) FROM health.audit_log") == 1);
}

TEST_CASE_METHOD(Audit, "audit chain: a changed row is found, whatever column was changed") {
  write(10);
  for (const char* change : {"action = 'X'", "actor = 'X'", "subject_id = 'X'", "subject_kind = 'X'", "client_id = 'X'",
                             "outcome = 'X'", "reason = 'X'", "details = '{}'", "details = '[]'", "event_id = 'X'",
                             "occurred_at = occurred_at + interval '1 microsecond'", "hmac = prev_hmac"}) {
    INFO(change);
    owner().run("CREATE TEMP TABLE kept AS SELECT * FROM health.audit_log WHERE chain_seq = 4");
    tamper(std::string("UPDATE health.audit_log SET ") + change + " WHERE chain_seq = 4");
    CHECK(verify().broken == BrokenRow{0, 4, "ROW_CHANGED"});
    tamper(
        "DELETE FROM health.audit_log WHERE chain_seq = 4; INSERT INTO health.audit_log SELECT * FROM kept; DROP TABLE "
        "kept");
    CHECK_FALSE(verify().broken);
  }
}

TEST_CASE_METHOD(Audit, "audit chain: a removed row is found") {
  write(10);
  tamper("DELETE FROM health.audit_log WHERE chain_seq = 4");
  CHECK(verify().broken == BrokenRow{0, 4, "ROWS_MISSING"});
}

TEST_CASE_METHOD(Audit, "audit chain: a removed row is found when the later ones were renumbered") {
  write(10);
  tamper(
      "DELETE FROM health.audit_log WHERE chain_seq = 4; UPDATE health.audit_log SET chain_seq = chain_seq + 100 WHERE "
      "chain_seq > 4; "
      "UPDATE health.audit_log SET chain_seq = chain_seq - 101 WHERE chain_seq > 100");
  CHECK(verify().broken == BrokenRow{0, 4, "LINK_BROKEN"});
}

TEST_CASE_METHOD(Audit, "audit chain: two swapped rows are found") {
  write(10);
  tamper(
      "UPDATE health.audit_log SET chain_seq = 1000 WHERE chain_seq = 4; UPDATE health.audit_log SET chain_seq = 4 "
      "WHERE chain_seq = 5; "
      "UPDATE health.audit_log SET chain_seq = 5 WHERE chain_seq = 1000");
  CHECK(verify().broken == BrokenRow{0, 4, "LINK_BROKEN"});
}

TEST_CASE_METHOD(Audit, "audit chain: the contents of two rows swapped are found") {
  write(10);
  tamper(
      "UPDATE health.audit_log a SET event_id = b.event_id, subject_id = b.subject_id FROM health.audit_log b "
      "WHERE (a.chain_seq, b.chain_seq) IN ((4, 5), (5, 4))");
  CHECK(verify().broken == BrokenRow{0, 4, "ROW_CHANGED"});
}

TEST_CASE_METHOD(Audit, "audit chain: a cut tail is found by the signed heads, stored or from the log") {
  write(10);
  const ChainHead logged = verify().ends[0];
  SECTION("from the log") {
    tamper("DELETE FROM health.audit_log WHERE chain_seq > 7");
    CHECK_FALSE(verify().broken);
    CHECK(verify(std::vector{logged}).broken == BrokenRow{0, 8, "HEAD_MISSING"});
  }
  SECTION("stored") {
    ingest.sign_heads();
    CHECK(verify().heads == 1);
    tamper("DELETE FROM health.audit_log WHERE chain_seq > 7");
    CHECK(verify().broken == BrokenRow{0, 8, "HEAD_MISSING"});
  }
  SECTION("everything gone") {
    ingest.sign_heads();
    tamper("DELETE FROM health.audit_log");
    CHECK(verify().broken == BrokenRow{0, 1, "HEAD_MISSING"});
  }
}

TEST_CASE_METHOD(Audit, "audit chain: a chain written anew with another key is found") {
  write(5);
  tamper("DELETE FROM health.audit_log");
  IngestAudit forger(as_health(), std::string(32, 'f'), clock);
  Feed(*this, forger)(std::vector{audit_event(clock.now(), "X", "s")});
  CHECK(verify().broken == BrokenRow{0, 1, "ROW_CHANGED"});
}

TEST_CASE_METHOD(Audit, "audit chain: in any of several partitions the first bad or missing row is named") {
  for (int partition = 0; partition < 4; ++partition) write(10, partition);
  ingest.sign_heads();
  CHECK(verify().heads == 4);
  SECTION("changed") {
    tamper("UPDATE health.audit_log SET actor = 'X' WHERE partition = 2 AND chain_seq IN (5, 8)");
    CHECK(verify().broken == BrokenRow{2, 5, "ROW_CHANGED"});
  }
  SECTION("removed") {
    tamper("DELETE FROM health.audit_log WHERE partition = 3 AND chain_seq IN (2, 9)");
    CHECK(verify().broken == BrokenRow{3, 2, "ROWS_MISSING"});
  }
  SECTION("swapped") {
    tamper(
        "UPDATE health.audit_log SET chain_seq = 1000 WHERE partition = 1 AND chain_seq = 6; UPDATE health.audit_log "
        "SET chain_seq = 6 WHERE partition = 1 AND chain_seq = 9; UPDATE health.audit_log SET chain_seq = 9 WHERE "
        "partition = 1 AND chain_seq = 1000");
    CHECK(verify().broken == BrokenRow{1, 6, "LINK_BROKEN"});
  }
  SECTION("moved to another partition") {
    tamper(
        "DELETE FROM health.audit_log WHERE partition = 1 AND chain_seq = 10; UPDATE health.audit_log SET partition = "
        "1 WHERE partition = 2 AND chain_seq = 10");
    CHECK(verify().broken == BrokenRow{1, 10, "LINK_BROKEN"});
  }
  SECTION("cut") {
    tamper("DELETE FROM health.audit_log WHERE partition = 3 AND chain_seq > 8");
    CHECK(verify().broken == BrokenRow{3, 9, "HEAD_MISSING"});
  }
  SECTION("a whole partition, and its stored heads with it") {
    const ChainHead logged = verify().ends[2];
    tamper(
        "ALTER TABLE health.audit_checkpoint DISABLE TRIGGER USER; DELETE FROM health.audit_checkpoint WHERE partition "
        "= 2; DELETE FROM health.audit_log WHERE partition = 2");
    CHECK_FALSE(verify().broken);
    CHECK(verify(std::vector{logged}).broken == BrokenRow{2, 1, "HEAD_MISSING"});
  }
  SECTION("nothing") {
    CHECK_FALSE(verify().broken);
    CHECK(verify().rows == 40);
  }
}

TEST_CASE_METHOD(Audit, "audit chain: with another key the first row that it did not sign is named") {
  write(5);
  ingest.sign_heads();
  CHECK(verify_audit_chain(connection, std::string(32, 'n')).broken == BrokenRow{0, 1, "ROW_CHANGED"});
  IngestAudit rotated(as_health(), std::string(32, 'n'), clock);
  Feed rotated_feed(*this, rotated);
  std::vector<bus::Received> batch;
  for (int i = 0; i < 3; ++i)
    batch.push_back({0, 5 + i, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "s"))}});
  rotated_feed.received(batch);
  CHECK(verify().broken == BrokenRow{0, 6, "ROW_CHANGED"});
  rotated.sign_heads();
  CHECK(verify().broken == BrokenRow{0, 6, "ROW_CHANGED"});  // and not the head behind it
}

TEST_CASE_METHOD(Audit, "audit chain: the head is signed at most once a minute, and only when it moved") {
  write(1);
  ingest.tick();
  CHECK(number("SELECT count(*) FROM health.audit_checkpoint") == 0);
  clock.advance(audit_head_interval);
  ingest.tick();
  CHECK(number("SELECT count(*) FROM health.audit_checkpoint") == 1);
  clock.advance(audit_head_interval);
  ingest.tick();
  CHECK(number("SELECT count(*) FROM health.audit_checkpoint") == 1);
}

TEST_CASE_METHOD(Audit, "audit chain ends: each partition's newest row, and how far it is signed, if it is") {
  CHECK(read_audit_chain_ends(connection).empty());
  write(3, 0);
  write(2, 3);
  ingest.sign_heads();
  write(4, 0);
  write(1, 7);
  const auto ends = read_audit_chain_ends(connection);
  REQUIRE(ends.size() == 3);
  CHECK(std::tuple{ends[0].partition, ends[0].chain_seq, ends[0].signed_seq.value_or(0)} == std::tuple{0, 7, 3});
  CHECK(std::tuple{ends[1].partition, ends[1].chain_seq, ends[1].signed_seq.value_or(0)} == std::tuple{3, 2, 2});
  CHECK(std::tuple{ends[2].partition, ends[2].chain_seq} == std::tuple{7, 1});
  CHECK_FALSE(ends[2].signed_seq);
}

TEST_CASE_METHOD(Audit, "audit log: the service's role can add and read, nothing else") {
  write(1);
  ingest.sign_heads();
  for (const char* sql : {"UPDATE health.audit_log SET reason = 'x'", "DELETE FROM health.audit_log",
                          "TRUNCATE health.audit_log", "UPDATE health.audit_checkpoint SET chain_seq = 0",
                          "DELETE FROM health.audit_checkpoint", "TRUNCATE health.audit_checkpoint",
                          "ALTER TABLE health.audit_log DISABLE TRIGGER ALL", "DROP TABLE health.audit_log"}) {
    INFO(sql);
    CHECK_THROWS_AS(connection.run(sql), pg::StatementError);
  }
  CHECK(number("SELECT count(*) FROM health.audit_log") == 1);
}

TEST_CASE_METHOD(Audit, "audit log: even the owner is refused changes while the trigger stands") {
  write(1);
  for (const char* sql :
       {"UPDATE health.audit_log SET reason = 'x'", "DELETE FROM health.audit_log", "TRUNCATE health.audit_log"}) {
    CHECK_THROWS_AS(owner().run(sql), pg::StatementError);
  }
}

TEST_CASE_METHOD(Audit, "audit retention: old rows go behind a signed checkpoint and the rest still verifies") {
  write(10);
  tamper("UPDATE health.audit_log SET logged_at = now() - interval '200 days' WHERE chain_seq <= 6");
  ingest.sign_heads();
  HealthSettings settings;
  settings.audit_key = audit_key;
  settings.audit_retention = std::chrono::days{100};
  const UtcTime now = SystemClock().now();
  CHECK(apply_retention(connection, settings, now).audit_rows == 6);
  CHECK(apply_retention(connection, settings, now).audit_rows == 0);
  CHECK(number("SELECT min(chain_seq) FROM health.audit_log") == 7);
  CHECK_FALSE(verify().broken);
  CHECK(verify().rows == 4);
  write(2);
  CHECK_FALSE(verify().broken);
  SECTION("a checkpoint that nobody with the key has signed is found") {
    connection.run("INSERT INTO health.audit_checkpoint VALUES (0, 8, 'RETENTION', '\\x00', '\\x00')");
    CHECK(verify().broken == BrokenRow{0, 8, "CHECKPOINT_FORGED"});
  }
  SECTION("rows younger than 30 days can't be removed, even behind a checkpoint") {
    connection.run("INSERT INTO health.audit_checkpoint VALUES (0, 12, 'RETENTION', '\\x00', '\\x00')");
    CHECK(connection.run("SELECT health.remove_audit_rows(0, 12)")[0][0].as<int>() == 0);
  }
}

TEST_CASE_METHOD(Audit,
                 "audit retention: behind checkpoints of several partitions what is changed, cut or gone is found") {
  for (int partition = 0; partition < 3; ++partition) write(10, partition);
  tamper("UPDATE health.audit_log SET logged_at = now() - interval '200 days' WHERE chain_seq <= 6 AND partition <> 1");
  HealthSettings settings;
  settings.audit_key = audit_key;
  settings.audit_retention = std::chrono::days{100};
  CHECK(apply_retention(connection, settings, SystemClock().now()).audit_rows == 12);
  ingest.sign_heads();
  CHECK(verify().rows == 18);
  CHECK_FALSE(verify().broken);
  SECTION("changed") {
    tamper("UPDATE health.audit_log SET reason = 'X' WHERE partition = 2 AND chain_seq = 7");
    CHECK(verify().broken == BrokenRow{2, 7, "ROW_CHANGED"});
  }
  SECTION("the first row behind the checkpoint removed") {
    tamper("DELETE FROM health.audit_log WHERE partition = 2 AND chain_seq = 7");
    CHECK(verify().broken == BrokenRow{2, 7, "ROWS_MISSING"});
  }
  SECTION("cut") {
    tamper("DELETE FROM health.audit_log WHERE partition = 0 AND chain_seq > 7");
    CHECK(verify().broken == BrokenRow{0, 8, "HEAD_MISSING"});
  }
  SECTION("the checkpoint removed") {
    tamper(
        "ALTER TABLE health.audit_checkpoint DISABLE TRIGGER USER; DELETE FROM health.audit_checkpoint WHERE partition "
        "= 2 AND kind = 'RETENTION'");
    CHECK(verify().broken == BrokenRow{2, 1, "ROWS_MISSING"});
  }
}

TEST_CASE_METHOD(Audit, "audit retention: the chain's head stays however old it is") {
  write(3);
  tamper("UPDATE health.audit_log SET logged_at = now() - interval '200 days'");
  HealthSettings settings;
  settings.audit_key = audit_key;
  settings.audit_retention = std::chrono::days{100};
  CHECK(apply_retention(connection, settings, SystemClock().now()).audit_rows == 2);
  IngestAudit restarted(as_health(), audit_key, clock);
  Feed restarted_feed(*this, restarted);
  restarted_feed.received({{0, 99, clock.now(), {"k", {}, events::to_json(audit_event(clock.now(), "X", "s"))}}});
  CHECK_FALSE(verify().broken);
  CHECK(verify().ends[0].chain_seq == 4);
}

TEST_CASE_METHOD(Audit, "audit log: what is no audit event goes to the dead letters, its neighbours go through") {
  auto nameless = audit_event(clock.now(), "", "s");
  feed.texts({"garbage", events::to_json(audit_event(clock.now(), "X", "s")), events::to_json(nameless)});
  CHECK(feed.dead_letters(bus::topics::audit_dlq) == 2);
  CHECK(verify().rows == 1);
}

TEST_CASE_METHOD(Audit, "audit log: ten thousand rows a batch (figure printed)") {
  std::vector<std::string> values;
  for (int i = 0; i < 10'000; ++i)
    values.push_back(events::to_json(audit_event(clock.now(), "MESSAGE_DECIDED", new_uuid(clock.now()))));
  const auto began = std::chrono::steady_clock::now();
  feed.texts(values);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  CHECK(verify().rows == 10'000);
  WARN("audit log: " << static_cast<int>(10'000 / took.count()) << " rows/s");
}
