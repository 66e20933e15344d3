#include "health-aggregator/app/ingest_audit.hpp"

#include "health-aggregator/app/decode_event.hpp"
#include "health_sql.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::health {

using events::AuditEvent;

namespace {

std::vector<pg::Column> audit_columns() {
  using enum pg::Type;
  return {{"partition", INT4},  {"chain_seq", INT8}, {"event_id", TEXT},     {"occurred_at", TIMESTAMPTZ},
          {"action", TEXT},     {"actor", TEXT},     {"subject_kind", TEXT}, {"subject_id", TEXT},
          {"client_id", TEXT},  {"outcome", TEXT},   {"reason", TEXT},       {"details", JSONB},
          {"prev_hmac", BYTEA}, {"hmac", BYTEA}};
}
constexpr std::string_view unique_violation = "23505";
constexpr std::size_t event_id_chars_max = 200;

std::optional<Failure> refuse(const AuditEvent& event) {
  if (event.event_id.empty() || event.event_id.size() > event_id_chars_max) {
    return Failure{"INVALID_FIELD", "event_id: must have 1 to 200 characters"};
  }
  if (event.action.empty()) return Failure{"INVALID_FIELD", "action: is required"};
  if (!event.occurred_at) return Failure{"INVALID_FIELD", "occurred_at: is required"};
  return std::nullopt;
}

}  // namespace

IngestAudit::IngestAudit(pg::ConnectionSettings head_connection, std::string_view key, const Clock& clock)
    : head_connection_(std::move(head_connection)),
      signer_(key),
      clock_(clock),
      rows_(audit_columns()),
      heads_signed_at_(clock.now()) {}

void IngestAudit::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  load_chains(batch, tx);
  rows_.clear();
  for (const bus::Received& received : batch) append(received, chains_.at(received.partition), out);
  if (rows_.rows() > 0) {
    try {
      tx.copy("health.audit_log", rows_);
    } catch (const pg::StatementError& error) {
      // Another instance has extended the chain: our lease is gone, or the head was old. Both mend by trying again.
      if (error.sqlstate == unique_violation) throw pg::Conflict("audit chain was extended by another writer");
      throw;
    }
  }
  failpoint("health.audit.before_commit");
}

void IngestAudit::load_chains(std::span<const bus::Received> batch, pg::Transaction& tx) {
  std::map<int, std::int64_t> first_seq;
  for (const bus::Received& received : batch) first_seq.emplace(received.partition, received.seq);
  pg::Array wanted;
  for (const auto& [partition, seq] : first_seq) {
    const auto known = chains_.find(partition);
    if (known != chains_.end() && known->second.next_seq == seq) continue;
    Chain chain;
    chain.head.partition = partition;
    for (const auto& row : tx.run(health_sql::audit_recent_events,
                                  pg::Params().add(partition).add(static_cast<std::int64_t>(audit_recent_ids_max)))) {
      remember(chain, row["event_id"].c_str());
    }
    chains_[partition] = std::move(chain);
    wanted.add(partition);
  }
  if (wanted.size() == 0) return;
  for (const auto& row : tx.run(health_sql::audit_head, pg::Params().add(std::move(wanted)))) {
    ChainHead& head = chains_.at(row["partition"].as<int>()).head;
    head.chain_seq = row["chain_seq"].as<std::int64_t>();
    head.hmac = pg::from_bytea(row["hmac"].c_str());
  }
}

void IngestAudit::append(const bus::Received& received, Chain& chain, bus::Outbox& out) {
  chain.next_seq = received.seq + 1;
  auto decoded = decode_event<AuditEvent>(received.record);
  const std::optional<Failure> failure = decoded ? refuse(*decoded) : std::optional{decoded.error()};
  if (failure) {
    out.dead_letter(bus::topics::audit, received, failure->code, failure->detail, clock_.now());
    return;
  }
  const AuditEvent& event = *decoded;
  if (chain.recent.contains(event.event_id)) return;
  const std::string canonical = events::to_json(event);
  const std::string hmac = signer_.row_hmac(chain.head, canonical);
  rows_.field(received.partition).field(chain.head.chain_seq + 1).field(event.event_id);
  rows_.field(*event.occurred_at).field(event.action).field(event.actor).field(event.subject_kind);
  rows_.field(event.subject_id).field(event.client_id).field(event.outcome).field(event.reason);
  rows_.field(details_of(canonical)).field(chain.head.hmac).field(hmac).end_row();
  chain.head.chain_seq += 1;
  chain.head.hmac = hmac;
  chain.unsigned_rows = true;
  remember(chain, event.event_id);
}

void IngestAudit::remember(Chain& chain, const std::string& event_id) {
  if (!chain.recent.insert(event_id).second) return;
  chain.recent_order.push_back(event_id);
  if (chain.recent_order.size() > audit_recent_ids_max) {
    chain.recent.erase(chain.recent_order.front());
    chain.recent_order.pop_front();
  }
}

void IngestAudit::committed() {
  failpoint("health.audit.after_commit");
}

void IngestAudit::rolled_back() {
  chains_.clear();
}

void IngestAudit::tick() {
  const UtcTime now = clock_.now();
  if (now - heads_signed_at_ < audit_head_interval) return;
  heads_signed_at_ = now;
  sign_heads();
}

void IngestAudit::sign_heads() {
  pg::Array partitions, seqs, kinds, hmacs, signatures;
  for (auto& [partition, chain] : chains_) {
    if (!chain.unsigned_rows) continue;
    const std::string signature = signer_.checkpoint_signature("HEAD", chain.head);
    partitions.add(partition);
    seqs.add(chain.head.chain_seq);
    kinds.add(std::string_view{"HEAD"});
    hmacs.add_bytes(chain.head.hmac);
    signatures.add_bytes(signature);
    // The log is the copy that whoever can write to the database can't reach.
    log::info("AUDIT_CHAIN_HEAD", {{"partition", partition},
                                   {"chain_seq", chain.head.chain_seq},
                                   {"hmac", security::hex(chain.head.hmac)},
                                   {"signature", security::hex(signature)}});
    chain.unsigned_rows = false;
  }
  if (partitions.size() == 0) return;
  try {
    head_connection_.run(health_sql::insert_audit_checkpoint, pg::Params()
                                                                  .add(std::move(partitions))
                                                                  .add(std::move(seqs))
                                                                  .add(std::move(kinds))
                                                                  .add(std::move(hmacs))
                                                                  .add(std::move(signatures)));
  } catch (const std::exception& error) {
    log::warn("AUDIT_CHAIN_HEAD_NOT_STORED", {{"error", error.what()}});
  }
}

}  // namespace carillon::health
