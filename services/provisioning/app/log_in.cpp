#include "provisioning/app/log_in.hpp"

#include "provisioning/app/provisioning_events.hpp"

namespace carillon::provisioning {

namespace {

AuditFacts facts_of(const char* action, const char* outcome, const Tries& tries, const security::Account* account) {
  AuditFacts facts;
  facts.action = action;
  facts.actor = account ? "account:" + account->id : "visitor";
  facts.subject_kind = account ? "account" : "email";
  facts.subject_id = account ? account->id : tries.of_account.key;
  facts.client_id = account ? account->client_id : "";
  facts.outcome = outcome;
  facts.details = {{"email_hash", tries.of_account.key}, {"ip_hash", tries.of_ip.key}};
  return facts;
}

}  // namespace

LogIn::LogIn(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, security::Passwords& passwords,
             const LoginLimits& limits, security::SessionLimits session_limits)
    : pool_(pool),
      bus_(bus),
      sealer_(sealer),
      passwords_(passwords),
      limits_(limits),
      session_limits_(session_limits) {}

LoginAnswer LogIn::operator()(const LoginRequest& request, UtcTime now) {
  const Tries tries = login_tries(request.email, request.client_address, sealer_, limits_);
  if (const auto wait = count(request, tries, now)) return {.outcome = LoginOutcome::LIMITED, .wait = *wait};
  const std::optional<security::Account> account = find(request.email);
  const auto right = passwords_.is_right(request.password, account ? account->password_hash : "");
  if (!right) {
    give_back(tries);
    return {.outcome = LoginOutcome::BUSY};
  }
  if (!*right || account->is_disabled) return refuse(request, tries, account, now);
  return let_in(request, tries, *account, now);
}

std::optional<std::chrono::seconds> LogIn::count(const LoginRequest& request, const Tries& tries, UtcTime now) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto wait = count_tries(tx, tries, now);
  bus::Outbox out;
  if (wait) publish_audit(out, facts_of("LOGIN_RATE_LIMITED", "REFUSED", tries, nullptr), now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return wait;
}

std::optional<security::Account> LogIn::find(const std::string& email) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  return security::find_account(tx, email);
}

void LogIn::give_back(const Tries& tries) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  take_back(tx, tries.of_ip);
  take_back(tx, tries.of_account_from_ip);
  take_back(tx, tries.of_account);
  tx.commit();
}

LoginAnswer LogIn::refuse(const LoginRequest& request, const Tries& tries,
                          const std::optional<security::Account>& account, UtcTime now) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  AuditFacts facts = facts_of("LOGIN_FAILED", "REFUSED", tries, account ? &*account : nullptr);
  facts.actor = "visitor";
  facts.reason = !account ? "NO_ACCOUNT" : account->is_disabled ? "DISABLED" : "WRONG_PASSWORD";
  publish_audit(out, std::move(facts), now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return {.outcome = LoginOutcome::WRONG};
}

LoginAnswer LogIn::let_in(const LoginRequest& request, const Tries& tries, const security::Account& account,
                          UtcTime now) {
  // Hashed anew, where the cost has changed, before a connection is taken.
  std::optional<std::string> newer;
  if (passwords_.is_outdated(account.password_hash)) {
    if (auto hash = passwords_.hash(request.password)) newer = std::move(*hash);
  }
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  // The password may have been changed, or the account closed, while the old hash was compared.
  const auto current = security::lock_account(tx, account.id);
  if (!current || current->is_disabled || current->password_hash != account.password_hash)
    return {.outcome = LoginOutcome::WRONG};
  LoginAnswer answer{.outcome = LoginOutcome::LOGGED_IN, .role = account.role};
  answer.token = security::begin_session(tx, account.id, session_limits_, now);
  if (!request.old_session_id.empty()) security::end_session(tx, request.old_session_id);
  take_back(tx, tries.of_ip);
  forget_tries(tx, tries.of_account_from_ip);
  take_back(tx, tries.of_account);  // what others try elsewhere stays counted
  if (newer) security::replace_password_hash(tx, account, *newer);
  bus::Outbox out;
  publish_audit(out, facts_of("LOGGED_IN", "DONE", tries, &account), now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return answer;
}

}  // namespace carillon::provisioning
