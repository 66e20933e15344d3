#include "orchestrator/app/consume_requests.hpp"

#include <map>
#include <optional>
#include <unordered_set>

#include "orchestrator/app/event_records.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::size_t audit_detail_bytes_max = 300;

// Bad records may hold anything; what reaches the audit log is plain and short.
std::string plain(std::string_view text) {
  if (!is_valid_utf8(text) || has_control_characters(text) || text.size() > audit_detail_bytes_max) return {};
  return std::string(text);
}

}  // namespace

struct ConsumeRequests::Candidate {
  const bus::Received* received;
  Incoming incoming;
  std::string carried_id;    // the message id in the record, if a caller has it
  IdempotencyClaim claim{};  // source and key always; hash and new id once it is needed
};

ConsumeRequests::ConsumeRequests(const Facts& facts, const DecideRequests& decide, const Clock& clock,
                                 metrics::Registry& metrics, std::function<bool()> ready,
                                 std::function<void()> left_behind)
    : facts_(facts),
      decide_(decide),
      clock_(clock),
      ready_(std::move(ready)),
      left_behind_(std::move(left_behind)),
      duplicates_(metrics.counter("carillon_duplicate_requests_total",
                                  "Send requests from topics that repeated an earlier one")),
      rejected_(metrics.counter("carillon_rejected_requests_total",
                                "Send requests from topics that went to the dead letters")) {}

void ConsumeRequests::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  const UtcTime now = clock_.now();
  std::vector<Candidate> candidates;
  candidates.reserve(batch.size());
  for (const bus::Received& received : batch) {
    auto incoming = read_request(received, facts_.sealer, now);
    if (!incoming) {
      reject(received, incoming.error(), plain(bus::header(received.record.headers, "ce_source")), out, now);
      continue;
    }
    Candidate& candidate = candidates.emplace_back(Candidate{&received, std::move(*incoming), {}, {}});
    const events::SendRequest& request = candidate.incoming.request;
    if (candidate.incoming.has_id) candidate.carried_id = request.message_id;
    candidate.claim.source = request.source;
    candidate.claim.key = request.idempotency_key;
  }
  const std::vector<Incoming> fresh = first_seen(std::move(candidates), tx, out, now);
  outcome_ = decide_(fresh, tx, out, now);
  failpoint("orchestrator.decide.before_commit");
}

void ConsumeRequests::committed() {
  failpoint("orchestrator.decide.after_commit");
  if (outcome_.deferred > 0 || outcome_.parked > 0) left_behind_();
  outcome_ = {};
}

// Those that nobody asked before, with their message ids. What HTTP accepted was claimed there: its row holds the very
// id that the record carries.
std::vector<Incoming> ConsumeRequests::first_seen(std::vector<Candidate> candidates, pg::Transaction& tx,
                                                  bus::Outbox& out, UtcTime now) {
  std::vector<std::optional<StandingClaim>> standing(candidates.size());
  const auto look = [&](const std::vector<std::size_t>& which) {
    std::vector<const IdempotencyClaim*> pairs;
    for (const std::size_t i : which) pairs.push_back(&candidates[i].claim);
    auto found = find_keys(tx, pairs, now);
    for (std::size_t i = 0; i < which.size(); ++i) standing[which[i]] = std::move(found[i]);
  };
  std::vector<std::size_t> all(candidates.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  look(all);

  std::vector<std::size_t> unknown;
  std::map<std::pair<std::string, std::string>, const IdempotencyClaim*> wanted;
  for (const std::size_t i : all) {
    if (standing[i]) continue;
    unknown.push_back(i);
    candidates[i].claim = claim_of(candidates[i], now);
    wanted.try_emplace({candidates[i].claim.source, candidates[i].claim.key}, &candidates[i].claim);
  }
  std::vector<const IdempotencyClaim*> claims;
  for (const auto& [pair, claim] : wanted) claims.push_back(claim);
  const auto claimed = claim_keys(tx, claims, now);
  if (!unknown.empty()) look(unknown);  // also finds what a concurrent transaction claimed first

  std::vector<Incoming> fresh;
  std::unordered_set<std::string> decided;  // a topic may deliver one record twice
  for (const std::size_t i : all) {
    Candidate& candidate = candidates[i];
    if (!standing[i]) throw pg::Conflict("an idempotency key vanished");
    const std::string& id = standing[i]->message_id;
    const bool ours = id == candidate.carried_id || claimed.count(candidate.claim.message_id) > 0;
    if (ours && decided.insert(id).second) {
      candidate.incoming.request.message_id = id;
      fresh.push_back(std::move(candidate.incoming));
      continue;
    }
    const bool same_body =
        ours || standing[i]->body_hash ==
                    body_digest(candidate.incoming.request, candidate.incoming.was_sealed(), facts_.sealer);
    if (same_body) {
      duplicates_.add();
    } else {
      reject(*candidate.received, {"IDEMPOTENCY_KEY_REUSED", "idempotency_key: was used for another request"},
             candidate.claim.source, out, now);
    }
  }
  return fresh;
}

// Also of a request that HTTP accepted so long ago that its claim has run out: its caller has the id, and the claim
// counts from now, for one that has run out already would never be found.
IdempotencyClaim ConsumeRequests::claim_of(const Candidate& candidate, UtcTime now) const {
  const Incoming& incoming = candidate.incoming;
  const events::SendRequest& request = incoming.request;
  const auto catalog = facts_.templates.catalog();
  const Template* entry = catalog ? catalog->find(request.template_key) : nullptr;
  const TemplateMeta* meta = entry ? &entry->meta : nullptr;
  const auto count = message_count(meta, facts_.settings.staff, meta ? paired_with(*catalog, *meta) : nullptr);
  return {request.source,
          request.idempotency_key,
          body_digest(request, incoming.was_sealed(), facts_.sealer),
          candidate.carried_id.empty() ? new_uuid(*request.accepted_at) : candidate.carried_id,
          static_cast<std::int32_t>(count),
          now};
}

void ConsumeRequests::reject(const bus::Received& received, const Failure& failure, const std::string& source,
                             bus::Outbox& out, UtcTime now) {
  out.dead_letter(bus::topics::send_requests, received, failure.code, plain(failure.detail), now);
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "SEND_REQUEST_REJECTED";
  audit.actor = event_source;
  audit.subject_kind = "send_request";
  audit.subject_id = bus::topics::send_requests.name;  // appended piece by piece: GCC 12 misreads one long sum
  audit.subject_id += '/';
  audit.subject_id += std::to_string(received.partition);
  audit.subject_id += '/';
  audit.subject_id += std::to_string(received.seq);
  audit.outcome = "REJECTED";
  audit.reason = failure.code;
  audit.details = {{"source", source}, {"detail", plain(failure.detail)}};
  publish(out, audit, now, {});
  rejected_.add();
}

}  // namespace carillon::orchestrator
