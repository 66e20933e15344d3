// One batch of audit events: appended to the hash chain of each event's bus partition, by COPY.
//
// Who holds a partition's lease is its chain's only writer. The chain's head is cached and read again after every
// rollback and whenever the partition's records don't follow on from the last ones seen (another instance had it).
// Runs on the consumer's thread; tick() writes the signed heads with its own connection.
#pragma once
#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "bus/bus.hpp"
#include "health-aggregator/core/audit_chain.hpp"
#include "time/clock.hpp"

namespace carillon::health {

inline constexpr std::size_t audit_batch_records_max = 4'000;
inline constexpr std::size_t audit_recent_ids_max = 8'192;  // per partition, to recognise repeated deliveries
inline constexpr std::chrono::seconds audit_head_interval{60};

class IngestAudit final : public bus::Handler {
 public:
  IngestAudit(pg::ConnectionSettings head_connection, std::string_view key, const Clock& clock);
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  void committed() override;
  void rolled_back() override;
  void tick() override;
  // Writes and logs the signed head of every chain this instance has extended since the last time.
  void sign_heads();

 private:
  struct Chain {
    ChainHead head;
    std::int64_t next_seq = -1;  // of the bus, right behind the last record seen
    bool unsigned_rows = false;
    std::unordered_set<std::string> recent;
    std::deque<std::string> recent_order;
  };

  void load_chains(std::span<const bus::Received> batch, pg::Transaction& tx);
  void append(const bus::Received& received, Chain& chain, bus::Outbox& out);
  static void remember(Chain& chain, const std::string& event_id);

  pg::Connection head_connection_;
  ChainSigner signer_;
  const Clock& clock_;
  std::map<int, Chain> chains_;
  pg::CopyRows rows_;
  UtcTime heads_signed_at_{};
};

}  // namespace carillon::health
