#include "health-aggregator/app/apply_retention.hpp"

#include "health-aggregator/core/audit_chain.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "health_sql.hpp"

namespace carillon::health {

namespace {

// One step on one chain: a signed checkpoint where it will begin, then the rows before it, in one transaction.
std::int64_t cut_chain(pg::Connection& connection, ChainSigner& signer, int partition, UtcTime logged_before) {
  pg::Transaction tx(connection);
  const auto found =
      tx.run(health_sql::audit_cut_point, pg::Params().add(partition).add(logged_before).add(retention_chunk_rows));
  if (found.empty()) return 0;
  const ChainHead cut{partition, found[0]["chain_seq"].as<std::int64_t>(), pg::from_bytea(found[0]["hmac"].c_str())};
  pg::Array partitions, seqs, kinds, hmacs, signatures;
  partitions.add(partition);
  seqs.add(cut.chain_seq);
  kinds.add(std::string_view{"RETENTION"});
  hmacs.add_bytes(cut.hmac);
  signatures.add_bytes(signer.checkpoint_signature("RETENTION", cut));
  tx.run(health_sql::insert_audit_checkpoint, pg::Params()
                                                  .add(std::move(partitions))
                                                  .add(std::move(seqs))
                                                  .add(std::move(kinds))
                                                  .add(std::move(hmacs))
                                                  .add(std::move(signatures)));
  const auto removed = tx.run(health_sql::remove_audit_rows, pg::Params().add(partition).add(cut.chain_seq));
  tx.commit();
  return removed[0]["removed"].as<std::int64_t>();
}

std::int64_t redact_recipients(pg::Connection& connection, UtcTime accepted_before) {
  std::int64_t redacted = 0;
  for (int chunk = 0; chunk < retention_chunks_max; ++chunk) {
    const auto step = connection.run(health_sql::redact_recipients,
                                     pg::Params().add(least_message_id(accepted_before)).add(retention_chunk_rows));
    redacted += step[0]["redacted"].as<std::int64_t>();
    if (step[0]["done"].as<bool>()) break;
  }
  return redacted;
}

}  // namespace

Removed apply_retention(pg::Connection& connection, const HealthSettings& settings, UtcTime now) {
  Removed removed;
  const std::string oldest_kept = least_message_id(now - settings.message_log_retention);
  for (int chunk = 0; chunk < retention_chunks_max; ++chunk) {
    const auto rows =
        connection.run(health_sql::remove_message_log, pg::Params().add(oldest_kept).add(retention_chunk_rows))
            .affected_rows();
    removed.message_log_rows += static_cast<std::int64_t>(rows);
    if (static_cast<std::int64_t>(rows) < retention_chunk_rows) break;
  }
  removed.redacted_rows = redact_recipients(connection, now - settings.recipient_retention);
  removed.rollup_rows = static_cast<std::int64_t>(
      connection.run(health_sql::remove_minute_rollup, pg::Params().add(floor_minute(now - settings.rollup_retention)))
          .affected_rows());
  ChainSigner signer(settings.audit_key);
  for (const auto& row : connection.run(health_sql::audit_partitions)) {
    for (int chunk = 0; chunk < retention_chunks_max; ++chunk) {
      const std::int64_t rows =
          cut_chain(connection, signer, row["partition"].as<int>(), now - settings.audit_retention);
      removed.audit_rows += rows;
      if (rows == 0) break;
    }
  }
  return removed;
}

}  // namespace carillon::health
