#include "health-aggregator/app/verify_audit_chain.hpp"

#include <map>

#include "health-aggregator/core/audit_chain.hpp"
#include "health_sql.hpp"

namespace carillon::health {

namespace {

constexpr std::int64_t rows_per_read = 5'000;

struct Expected {
  ChainHead start;                            // the newest retention checkpoint, or the beginning
  std::map<std::int64_t, std::string> heads;  // chain_seq → hmac
  std::optional<BrokenRow> forged;            // the first checkpoint whose signature is wrong; nothing is taken from it
};

// The event as it was signed; one whose details no longer parse can't be what was signed.
std::optional<std::string> canonical_of(const pqxx::row& row) {
  auto details = events::from_json<events::AuditEvent>(std::string("{\"details\":") + row["details"].c_str() + "}");
  if (!details) return std::nullopt;
  events::AuditEvent event = std::move(*details);
  event.event_id = row["event_id"].c_str();
  event.occurred_at = pg::to_utc(row["occurred_at"].c_str());
  event.action = row["action"].c_str();
  event.actor = row["actor"].c_str();
  event.subject_kind = row["subject_kind"].c_str();
  event.subject_id = row["subject_id"].c_str();
  event.client_id = row["client_id"].c_str();
  event.outcome = row["outcome"].c_str();
  event.reason = row["reason"].c_str();
  return events::to_json(event);
}

// What the row at the end of `head` breaks, or nothing, with `head` moved onto it.
std::optional<BrokenRow> follow(const pqxx::row& row, ChainHead& head, ChainSigner& signer) {
  const auto seq = row["chain_seq"].as<std::int64_t>();
  if (seq != head.chain_seq + 1) return BrokenRow{head.partition, head.chain_seq + 1, "ROWS_MISSING"};
  if (pg::from_bytea(row["prev_hmac"].c_str()) != head.hmac) return BrokenRow{head.partition, seq, "LINK_BROKEN"};
  const std::optional<std::string> canonical = canonical_of(row);
  std::string hmac = pg::from_bytea(row["hmac"].c_str());
  if (!canonical || !security::equal_constant_time(signer.row_hmac(head, *canonical), hmac)) {
    return BrokenRow{head.partition, seq, "ROW_CHANGED"};
  }
  head.chain_seq = seq;
  head.hmac = std::move(hmac);
  return std::nullopt;
}

std::optional<BrokenRow> walk(pg::Connection& connection, const Expected& expected, ChainSigner& signer,
                              ChainHead& head, AuditVerification& verification) {
  auto next_head = expected.heads.upper_bound(head.chain_seq);
  for (;;) {
    const pqxx::result rows = connection.run(health_sql::audit_chain_part,
                                             pg::Params().add(head.partition).add(head.chain_seq).add(rows_per_read));
    if (rows.empty()) break;
    for (const auto& row : rows) {
      if (auto broken = follow(row, head, signer)) return broken;
      ++verification.rows;
      if (next_head == expected.heads.end() || next_head->first != head.chain_seq) continue;
      if (next_head->second != head.hmac) return BrokenRow{head.partition, head.chain_seq, "HEAD_CHANGED"};
      ++verification.heads;
      ++next_head;
    }
  }
  if (next_head != expected.heads.end()) return BrokenRow{head.partition, head.chain_seq + 1, "HEAD_MISSING"};
  return std::nullopt;
}

}  // namespace

namespace {

// Whichever comes first in the chain.
std::optional<BrokenRow> first_of(std::optional<BrokenRow> row, const std::optional<BrokenRow>& checkpoint) {
  if (!row) return checkpoint;
  return checkpoint && checkpoint->chain_seq < row->chain_seq ? checkpoint : row;
}

std::map<int, Expected> read_expected(pg::Connection& connection, ChainSigner& signer,
                                      std::span<const ChainHead> known_heads) {
  std::map<int, Expected> chains;
  for (const ChainHead& head : known_heads) chains[head.partition].heads[head.chain_seq] = head.hmac;
  for (const auto& row : connection.run(health_sql::audit_checkpoints)) {
    const ChainHead head{row["partition"].as<int>(), row["chain_seq"].as<std::int64_t>(),
                         pg::from_bytea(row["hmac"].c_str())};
    const std::string kind = row["kind"].c_str();
    Expected& expected = chains[head.partition];
    if (!security::equal_constant_time(signer.checkpoint_signature(kind, head),
                                       pg::from_bytea(row["signature"].c_str()))) {
      if (!expected.forged) expected.forged = BrokenRow{head.partition, head.chain_seq, "CHECKPOINT_FORGED"};
    } else if (kind == "RETENTION") {
      expected.start = head;
    } else {
      expected.heads.emplace(head.chain_seq, head.hmac);
    }
  }
  return chains;
}

}  // namespace

AuditVerification verify_audit_chain(pg::Connection& connection, std::string_view key,
                                     std::span<const ChainHead> known_heads) {
  AuditVerification verification;
  ChainSigner signer(key);
  // Checkpoints first: what they promise is there when the rows are read afterwards.
  std::map<int, Expected> chains = read_expected(connection, signer, known_heads);
  for (const auto& row : connection.run(health_sql::audit_partitions)) chains[row["partition"].as<int>()];
  for (auto& [partition, expected] : chains) {
    ChainHead head = expected.start;
    head.partition = partition;
    verification.broken = first_of(walk(connection, expected, signer, head, verification), expected.forged);
    verification.ends.push_back(head);
    if (verification.broken) break;
  }
  return verification;
}

}  // namespace carillon::health
