#include "otp/app/state_book.hpp"

#include <charconv>

#include "otp_sql.hpp"
#include "postgres/errors.hpp"

namespace carillon::otp {
namespace {

using pg::BinaryArray;
using Of = pg::BinaryArray::Of;

// "1,2" as lock_recipients writes it.
std::vector<UtcTime> read_times(std::string_view list) {
  std::vector<UtcTime> times;
  while (!list.empty()) {
    std::int64_t micros = 0;
    const auto [end, error] = std::from_chars(list.data(), list.data() + list.size(), micros);
    if (error != std::errc{}) throw std::logic_error("otp.recipients.sends holds something that is no number");
    times.push_back(from_unix_micros(micros));
    list.remove_prefix(std::min(list.size(), static_cast<std::size_t>(end - list.data()) + 1));
  }
  return times;
}

std::string write_times(const std::vector<UtcTime>& times) {
  std::string list;
  for (const UtcTime time : times) {
    if (!list.empty()) list += ',';
    list += std::to_string(unix_micros(time));
  }
  return list;
}

Action read_action(std::string_view name) {
  const auto action = find_action(name);
  if (!action) throw std::logic_error("otp.challenges.action holds no action");
  return *action;
}

// One statement of those that go together; its parameters live as long as it does.
struct Write {
  const pg::Query& query;
  pg::Params params;
  std::size_t rows_wanted = 0;  // those it has to return
};

}  // namespace

const StepUpToken* StateBook::token(const std::string& token_hash) const {
  const KeptToken& kept = tokens_.at(token_hash);
  return kept.there && !kept.used ? &kept.token : nullptr;
}

void StateBook::use_token(const std::string& token_hash) {
  tokens_.at(token_hash).used = true;
}

void StateBook::load(pg::Transaction& tx) {
  BinaryArray hashes(Of::TEXT), hashes_again(Of::TEXT), kinds(Of::TEXT), keys(Of::TEXT), tokens(Of::BYTEA);
  for (const auto& [hash, kept] : recipients_) {
    hashes.add(hash);
    hashes_again.add(hash);
  }
  std::vector<LimitKey> asked;
  for (const auto& [key, kept] : limits_) {
    kinds.add(key.kind);
    keys.add(key.key);
    asked.push_back(key);
  }
  for (const auto& [hash, kept] : tokens_) tokens.add(hash);
  const pg::Params of_recipients = pg::Params().add(std::move(hashes));
  const pg::Params of_challenges = pg::Params().add(std::move(hashes_again));
  const pg::Params of_limits = pg::Params().add(std::move(kinds)).add(std::move(keys));
  const pg::Params of_tokens = pg::Params().add(std::move(tokens));
  // All four, whatever was asked: an answer's time must not tell what stood behind it.
  const auto rows = tx.run_together({{otp_sql::lock_recipients, of_recipients},
                                     {otp_sql::find_challenges, of_challenges},
                                     {otp_sql::lock_limit_counts, of_limits},
                                     {otp_sql::lock_step_up_tokens, of_tokens}});
  read_recipients(rows[0]);
  read_challenges(rows[1]);
  read_limits(rows[2], asked);
  read_tokens(rows[3]);
}

void StateBook::read_recipients(const pg::BinaryRows& rows) {
  for (int row = 0; row < rows.size(); ++row) {
    RecipientState& state = recipients_.at(std::string(rows.bytes(row, 0))).state;
    state.version = rows.integer(row, 1);
    state.sends = read_times(rows.bytes(row, 2));
    state.failures = static_cast<int>(rows.integer(row, 3));
    if (!rows.is_null(row, 4)) state.locked_until = rows.time(row, 4);
  }
}

void StateBook::read_challenges(const pg::BinaryRows& rows) {
  for (int row = 0; row < rows.size(); ++row) {
    recipients_.at(std::string(rows.bytes(row, 0)))
        .state.challenges.push_back({rows.uuid(row, 2), read_action(rows.bytes(row, 1)),
                                     std::string(rows.bytes(row, 3)), rows.time(row, 4), rows.time(row, 5)});
  }
}

void StateBook::read_limits(const pg::BinaryRows& rows, std::span<const LimitKey> asked) {
  for (int row = 0; row < rows.size(); ++row) {
    KeptLimit& kept = limits_.at(asked[static_cast<std::size_t>(rows.integer(row, 0) - 1)]);
    kept.version = rows.integer(row, 1);
    kept.count = {rows.time(row, 2), rows.integer(row, 3), rows.integer(row, 4)};
  }
}

void StateBook::read_tokens(const pg::BinaryRows& rows) {
  for (int row = 0; row < rows.size(); ++row)
    tokens_.at(std::string(rows.bytes(row, 0))) = {{std::string(rows.bytes(row, 1)), rows.time(row, 2)}, true, false};
}

void StateBook::store(pg::Transaction& tx, UtcTime now) {
  std::vector<Write> writes;

  BinaryArray hashes(Of::TEXT), versions(Of::INT8), sends(Of::TEXT), failures(Of::INT4), locks(Of::TIMESTAMPTZ);
  BinaryArray put_hashes(Of::TEXT), put_actions(Of::TEXT), ids(Of::UUID), macs(Of::BYTEA), issued(Of::TIMESTAMPTZ),
      expiries(Of::TIMESTAMPTZ);
  BinaryArray gone_hashes(Of::TEXT), gone_actions(Of::TEXT);
  for (const auto& [hash, kept] : recipients_) {
    if (kept.changed) {
      hashes.add(hash);
      versions.add(kept.state.version + 1);
      sends.add(write_times(kept.state.sends));
      failures.add(kept.state.failures);
      locks.add(kept.state.locked_until);
    }
    for (const Action action : kept.actions_changed) {
      const Challenge* challenge = find_challenge(kept.state, action);
      (challenge ? put_hashes : gone_hashes).add(hash);
      (challenge ? put_actions : gone_actions).add(facts(action).name);
      if (!challenge) continue;
      ids.add(challenge->id);
      macs.add(challenge->code_mac);
      issued.add(challenge->issued_at);
      expiries.add(challenge->expires_at);
    }
  }
  if (const std::size_t count = hashes.size(); count > 0) {
    writes.push_back({otp_sql::put_recipients,
                      pg::Params()
                          .add(std::move(hashes))
                          .add(std::move(versions))
                          .add(std::move(sends))
                          .add(std::move(failures))
                          .add(std::move(locks))
                          .add(now),
                      count});
  }
  if (put_hashes.size() > 0) {
    writes.push_back({otp_sql::put_challenges, pg::Params()
                                                   .add(std::move(put_hashes))
                                                   .add(std::move(put_actions))
                                                   .add(std::move(ids))
                                                   .add(std::move(macs))
                                                   .add(std::move(issued))
                                                   .add(std::move(expiries))});
  }
  if (gone_hashes.size() > 0) {
    writes.push_back(
        {otp_sql::remove_challenges, pg::Params().add(std::move(gone_hashes)).add(std::move(gone_actions))});
  }

  BinaryArray kinds(Of::TEXT), keys(Of::TEXT), limit_versions(Of::INT8), began(Of::TIMESTAMPTZ), current(Of::INT8),
      previous(Of::INT8);
  for (const auto& [key, kept] : limits_) {
    if (!kept.changed) continue;
    kinds.add(key.kind);
    keys.add(key.key);
    limit_versions.add(kept.version + 1);
    began.add(kept.count.began);
    current.add(kept.count.current);
    previous.add(kept.count.previous);
  }
  if (const std::size_t count = kinds.size(); count > 0) {
    writes.push_back({otp_sql::put_limit_counts,
                      pg::Params()
                          .add(std::move(kinds))
                          .add(std::move(keys))
                          .add(std::move(limit_versions))
                          .add(std::move(began))
                          .add(std::move(current))
                          .add(std::move(previous)),
                      count});
  }

  if (!conversion_.empty()) {
    BinaryArray countries(Of::TEXT), sent(Of::INT8), verified(Of::INT8);
    for (const auto& [country, step] : conversion_) {
      countries.add(country);
      sent.add(step.sent);
      verified.add(step.verified);
    }
    writes.push_back(
        {otp_sql::add_conversion_counts,
         pg::Params().add(floor_minute(now)).add(std::move(countries)).add(std::move(sent)).add(std::move(verified))});
  }
  if (!verified_.empty()) {
    BinaryArray verified(Of::TEXT);
    for (const std::string& hash : verified_) verified.add(hash);
    writes.push_back({otp_sql::mark_verified, pg::Params().add(std::move(verified)).add(now)});
  }
  if (!new_tokens_.empty()) {
    BinaryArray token_hashes(Of::BYTEA), owners(Of::TEXT), token_expiries(Of::TIMESTAMPTZ);
    for (const auto& [hash, token] : new_tokens_) {
      token_hashes.add(hash);
      owners.add(token.recipient_hash);
      token_expiries.add(token.expires_at);
    }
    writes.push_back({otp_sql::add_step_up_tokens,
                      pg::Params().add(std::move(token_hashes)).add(std::move(owners)).add(std::move(token_expiries))});
  }
  BinaryArray used(Of::BYTEA);
  for (const auto& [hash, kept] : tokens_)
    if (kept.used) used.add(hash);
  if (used.size() > 0) writes.push_back({otp_sql::remove_step_up_tokens, pg::Params().add(std::move(used))});

  if (writes.empty()) return;
  std::vector<pg::Statement> statements;
  for (const Write& write : writes) statements.push_back({write.query, write.params});
  const auto rows = tx.run_together(statements);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (writes[i].rows_wanted > 0 && static_cast<std::size_t>(rows[i].size()) != writes[i].rows_wanted)
      throw pg::Conflict("another transaction has written the same recipient or limit");
  }
}

}  // namespace carillon::otp
