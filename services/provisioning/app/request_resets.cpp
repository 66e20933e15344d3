#include "provisioning/app/request_resets.hpp"

#include "postgres/errors.hpp"
#include "provisioning/app/login_attempts.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "service/log.hpp"
#include "values/lower_case.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::size_t queue_max = 1'000;
constexpr std::size_t batch_max = 32;
constexpr int tries_max = 3;

// Why an account gets no mail; nullptr when it gets one. An ADMIN belongs to no client whom a message could be for.
const char* refusal_of(const std::optional<security::Account>& account, const Accounts& accounts) {
  if (!account) return "NO_ACCOUNT";
  if (account->is_disabled) return "DISABLED";
  if (account->role == security::Role::ADMIN) return "ADMIN_RESETS_BY_COMMAND";
  return accounts.can_make_links() ? nullptr : "NO_PUBLIC_URL";
}

}  // namespace

RequestResets::RequestResets(pg::ConnectionSettings connection, bus::Bus& bus, const security::Sealer& sealer,
                             const Clock& clock, const Accounts& accounts, const LoginLimits& limits)
    : connection_(std::move(connection)),
      bus_(bus),
      sealer_(sealer),
      clock_(clock),
      accounts_(accounts),
      limits_(limits),
      queue_("resets", {queue_max, batch_max}, [this](std::vector<ResetRequest>& batch) { process(batch); }) {}

void RequestResets::process(std::vector<ResetRequest>& batch) {
  for (const ResetRequest& request : batch) {
    for (int tried = 1; tried <= tries_max; ++tried) {
      try {
        answer(request, clock_.now());
        break;
      } catch (const std::exception& failure) {
        log::warn("PASSWORD_RESET_FAILED", {{"error", failure.what()}, {"tried", tried}});
      }
    }
  }
}

void RequestResets::answer(const ResetRequest& request, UtcTime now) {
  const Tries tries{{"reset_ip", sealer_.reference(request.client_address), limits_.resets_per_ip},
                    {},
                    {"reset_account", sealer_.reference(lower_case(request.email)), limits_.resets_per_account}};
  pg::Transaction tx(connection_);
  bus::Outbox out;
  const bool is_limited = count_tries(tx, tries, now).has_value();
  const auto account = security::find_account(tx, request.email);
  const char* refusal = is_limited ? "RATE_LIMITED" : refusal_of(account, accounts_);
  AuditFacts facts;
  facts.action = is_limited ? "PASSWORD_RESET_RATE_LIMITED" : "PASSWORD_RESET_REQUESTED";
  facts.actor = "visitor";
  facts.subject_kind = account ? "account" : "email";
  facts.subject_id = account ? account->id : tries.of_account.key;
  facts.client_id = account ? account->client_id : "";
  facts.outcome = refusal ? "REFUSED" : "SENT";
  facts.reason = refusal ? refusal : "";
  facts.details = {{"email_hash", tries.of_account.key}, {"ip_hash", tries.of_ip.key}};
  if (!refusal) accounts_.send_reset(tx, out, *account, now, request.traceparent);
  publish_audit(out, std::move(facts), now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  if (account && !accounts_.can_make_links())
    log::warn("PASSWORD_RESET_WITHOUT_URL", {{"hint", "set CARILLON_PUBLIC_URL to the address browsers reach"}});
}

}  // namespace carillon::provisioning
