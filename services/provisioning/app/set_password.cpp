#include "provisioning/app/set_password.hpp"

#include <utility>

#include "provisioning/app/provisioning_events.hpp"

namespace carillon::provisioning {
namespace {

using security::LinkState;

const char* name_of(LinkState state) {
  switch (state) {
    case LinkState::VALID:
      return "VALID";
    case LinkState::USED:
      return "LINK_USED";
    case LinkState::EXPIRED:
      return "LINK_EXPIRED";
    default:
      return "LINK_UNKNOWN";
  }
}

AuditFacts facts_of(const char* action, const security::FoundLink& link) {
  AuditFacts facts;
  facts.action = action;
  facts.actor = "visitor";
  facts.subject_kind = "account";
  facts.subject_id = link.account.id.empty() ? "unknown" : link.account.id;
  facts.client_id = link.account.client_id;
  facts.details = {{"purpose", std::string(security::name_of(link.purpose))}};
  return facts;
}

}  // namespace

SetPassword::SetPassword(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, security::Passwords& passwords,
                         const LoginLimits& limits)
    : pool_(pool), bus_(bus), sealer_(sealer), passwords_(passwords), limits_(limits) {}

security::FoundLink SetPassword::look_at(const std::string& link, UtcTime now) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  security::FoundLink found = security::find_password_link(tx, link, now);
  if (found.state == LinkState::VALID && found.account.is_disabled) found.state = LinkState::UNKNOWN;
  return found;
}

SetPasswordAnswer SetPassword::operator()(const SetPasswordRequest& request, UtcTime now) {
  const security::FoundLink seen = look_at(request.link, now);
  if (seen.state != LinkState::VALID) {
    audit_refusal(request, seen, now);
    return {seen.state};
  }
  if (auto refused = security::password_refusal(request.password, seen.account.email))
    return {LinkState::VALID, std::move(refused), seen.account.email};
  const auto hash = passwords_.hash(request.password);
  if (!hash) return {LinkState::VALID, hash.error(), seen.account.email};

  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  const security::FoundLink link = security::lock_password_link(tx, request.link, now);
  const bool valid = link.state == LinkState::VALID && !link.account.is_disabled;
  AuditFacts facts = facts_of(valid ? "PASSWORD_SET" : "PASSWORD_LINK_REFUSED", link);
  facts.outcome = valid ? "DONE" : "REFUSED";
  if (valid) {
    facts.actor = "account:" + link.account.id;
    security::set_password(tx, link.account.id, *hash, now);
    const Tries tries = login_tries(link.account.email, request.client_address, sealer_, limits_);
    forget_tries(tx, tries.of_account_from_ip);
    forget_tries(tx, tries.of_account);
  } else {
    facts.reason = name_of(link.state);
  }
  publish_audit(out, std::move(facts), now, request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return {valid                            ? LinkState::VALID
          : link.state == LinkState::VALID ? LinkState::UNKNOWN
                                           : link.state,
          std::nullopt, link.account.email};
}

std::int64_t SetPassword::unknown_links_to_tell(UtcTime now) {
  const std::lock_guard lock(mutex_);
  ++unknown_links_;
  // A clock that was set back silences nothing.
  if (told_at_ && now >= *told_at_ && now < *told_at_ + unknown_link_pause) return 0;
  told_at_ = now;
  return std::exchange(unknown_links_, 0);
}

void SetPassword::audit_refusal(const SetPasswordRequest& request, const security::FoundLink& link, UtcTime now) {
  AuditFacts facts = facts_of("PASSWORD_LINK_REFUSED", link);
  std::int64_t links = 0;
  if (link.account.id.empty()) {
    links = unknown_links_to_tell(now);
    if (links == 0) return;
    facts.details["links"] = std::to_string(links);
  }
  facts.outcome = "REFUSED";
  facts.reason = name_of(link.state);
  try {
    auto connection = pool_.take();
    pg::Transaction tx(*connection);
    bus::Outbox out;
    publish_audit(out, std::move(facts), now, request.traceparent);
    bus_.commit(out, tx);
    bus_.wake(out);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    unknown_links_ += links;  // told next time
    throw;
  }
}

}  // namespace carillon::provisioning
