#include "orchestrator/app/accept_requests.hpp"

#include <map>

#include "orchestrator/app/stored_files.hpp"
#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

constexpr int conflict_tries_max = 5;  // each means that another instance has committed one of the keys

using Pair = std::pair<std::string_view, std::string_view>;

using Refusals = std::vector<std::optional<Refusal>>;  // by place in the batch

// What was accepted before keeps its answer, whatever has become of its files since.
void keep_repeats(pg::Transaction& tx, const std::vector<PendingRequest>& batch, Refusals& refusals, UtcTime now) {
  std::vector<const IdempotencyClaim*> asked;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!refusals[i]) continue;
    asked.push_back(&batch[i].claim);
    places.push_back(i);
  }
  if (asked.empty()) return;
  const auto standing = find_keys(tx, asked, now);
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (standing[i]) refusals[places[i]].reset();
  }
}

// New requests that name files which are not there. One statement, none when nobody names a file, a second one when
// some are not there.
Refusals refused_files(pg::Transaction& tx, const std::vector<PendingRequest>& batch, UtcTime now) {
  Refusals refusals(batch.size());
  std::vector<std::string> named;
  for (const PendingRequest& request : batch)
    named.insert(named.end(), request.attachments.begin(), request.attachments.end());
  if (named.empty()) return refusals;
  const StoredFiles known = find_files(tx, std::move(named), now);
  for (std::size_t i = 0; i < batch.size(); ++i)
    refusals[i] = choose_files(batch[i].attachments, batch[i].claim.source, known).refusal;
  keep_repeats(tx, batch, refusals, now);
  return refusals;
}

// One request per (source, key): the first of the batch asks the database for all.
std::vector<const IdempotencyClaim*> leaders_of(const std::vector<PendingRequest>& batch, const Refusals& refusals) {
  std::map<Pair, const IdempotencyClaim*> leaders;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!refusals[i]) leaders.try_emplace({batch[i].claim.source, batch[i].claim.key}, &batch[i].claim);
  }
  std::vector<const IdempotencyClaim*> sorted;
  for (const auto& [pair, claim] : leaders) sorted.push_back(claim);
  return sorted;
}

AcceptAnswer answer_to(const IdempotencyClaim& asked, const auto& stands) {
  if (asked.body_hash != stands.body_hash) return {AcceptAnswer::Kind::KEY_REUSED, {}, 0};
  return {AcceptAnswer::Kind::ACCEPTED, stands.message_id, stands.message_count};
}

AcceptAnswer refused(const Refusal& refusal) {
  AcceptAnswer answer{AcceptAnswer::Kind::REFUSED, {}, 0};
  answer.reason = refusal.reason;
  answer.detail = refusal.detail;
  return answer;
}

}  // namespace

AcceptRequests::AcceptRequests(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock,
                               service::GatherLimits limits, metrics::Registry& metrics)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      accepted_(metrics.counter("carillon_ingress_requests_total", "Send requests by HTTP, by result",
                                {{"result", "accepted"}})),
      repeated_(metrics.counter("carillon_ingress_requests_total", "Send requests by HTTP, by result",
                                {{"result", "repeated"}})),
      refused_(metrics.counter("carillon_ingress_requests_total", "Send requests by HTTP, by result",
                               {{"result", "key_reused"}})),
      unknown_files_(metrics.counter("carillon_ingress_requests_total", "Send requests by HTTP, by result",
                                     {{"result", "attachments_refused"}})),
      unavailable_(metrics.counter("carillon_ingress_requests_total", "Send requests by HTTP, by result",
                                   {{"result", "unavailable"}})),
      commit_seconds_(metrics.histogram("carillon_ingress_commit_seconds", "Time of one commit of accepted requests")),
      gather_("accept", limits, [this](std::vector<PendingRequest>& batch) { process(batch); }) {}

void AcceptRequests::process(std::vector<PendingRequest>& batch) {
  const SteadyTime began = clock_.steady();
  std::vector<AcceptAnswer> answers(batch.size());
  for (int attempt = 1;; ++attempt) {
    try {
      answers = commit(batch);
      break;
    } catch (const pg::Conflict&) {
      if (attempt < conflict_tries_max) continue;
      for (AcceptAnswer& answer : answers) answer.kind = AcceptAnswer::Kind::UNAVAILABLE;
      break;
    } catch (const pg::Unavailable&) {  // perhaps committed: the caller asks again with the same key
      for (AcceptAnswer& answer : answers) answer.kind = AcceptAnswer::Kind::UNAVAILABLE;
      break;
    } catch (const std::exception& error) {
      log::error("INGRESS_BATCH_FAILED", {{"requests", batch.size()}, {"error", error.what()}});
      break;
    }
  }
  commit_seconds_.observe(std::chrono::duration<double>(clock_.steady() - began).count());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    switch (answers[i].kind) {
      case AcceptAnswer::Kind::ACCEPTED:
        (answers[i].message_id == batch[i].claim.message_id ? accepted_ : repeated_).add();
        break;
      case AcceptAnswer::Kind::KEY_REUSED:
        refused_.add();
        break;
      case AcceptAnswer::Kind::REFUSED:
        unknown_files_.add();
        break;
      default:
        unavailable_.add();
    }
    batch[i].answer(std::move(answers[i]));
  }
}

std::vector<AcceptAnswer> AcceptRequests::commit(std::vector<PendingRequest>& batch) {
  const UtcTime now = clock_.now();
  pg::Transaction tx(connection_);
  const Refusals refusals = refused_files(tx, batch, now);
  const auto leaders = leaders_of(batch, refusals);
  const auto claimed = claim_keys(tx, leaders, now);

  std::map<Pair, const IdempotencyClaim*> fresh;
  std::map<Pair, StandingClaim> standing;
  std::vector<const IdempotencyClaim*> earlier;
  for (const IdempotencyClaim* leader : leaders) {
    if (claimed.contains(leader->message_id)) {
      fresh.emplace_hint(fresh.end(), Pair{leader->source, leader->key}, leader);
    } else {
      earlier.push_back(leader);
    }
  }
  auto found = find_keys(tx, earlier, now);
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (!found[i]) throw pg::Conflict("an idempotency key vanished");
    standing.emplace(Pair{earlier[i]->source, earlier[i]->key}, std::move(*found[i]));
  }

  bus::Outbox out;
  std::vector<AcceptAnswer> answers;
  answers.reserve(batch.size());
  for (const PendingRequest& request : batch) {
    if (const auto& refusal = refusals[answers.size()]) {
      answers.push_back(refused(*refusal));
      continue;
    }
    const Pair pair{request.claim.source, request.claim.key};
    const auto leader = fresh.find(pair);
    answers.push_back(leader == fresh.end() ? answer_to(request.claim, standing.at(pair))
                                            : answer_to(request.claim, *leader->second));
    if (claimed.contains(request.claim.message_id))
      out.publish(bus::topics::send_requests, request.record);  // a copy: a conflict tries again
  }
  if (out.empty()) return answers;
  failpoint("orchestrator.accept.before_commit");
  bus_.commit(out, tx);
  failpoint("orchestrator.accept.after_commit");
  bus_.wake(out);
  return answers;
}

}  // namespace carillon::orchestrator
