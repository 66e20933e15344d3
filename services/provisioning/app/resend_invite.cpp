#include "provisioning/app/resend_invite.hpp"

#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning/core/client_change.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

Result<std::string> ResendInvite::operator()(const std::string& client_id, const Caller& caller) {
  if (!is_client_id(client_id)) return Failure{"CLIENT_NOT_FOUND", "there is no client of that id"};
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  tx.savepoint("send");
  bus::Outbox out;
  auto sent = send(tx, out, client_id, caller, now);
  AuditFacts facts{"PASSWORD_SETUP_RESENT", caller.actor, "client", client_id, client_id};
  if (sent) {
    facts.outcome = "OK";
    facts.details["message_id"] = *sent;
  } else {
    tx.rollback_to("send");
    out.clear();
    facts.outcome = "REFUSED";
    facts.reason = sent.error().code;
  }
  publish_audit(out, std::move(facts), now, caller.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  return sent;
}

Result<std::string> ResendInvite::send(pg::Transaction& tx, bus::Outbox& out, const std::string& client_id,
                                       const Caller& caller, UtcTime now) {
  const auto client = find_client(tx, client_id, Lock::FOR_UPDATE);
  if (!client || client->deleted) return Failure{"CLIENT_NOT_FOUND", "there is no client of that id"};
  if (!client->is_provisioned())
    return Failure{"ACCOUNT_NOT_READY", "the client is not PROVISIONED yet; its owner gets the mail when it is"};
  const auto owner = invitable_owner(*client, accounts_, tx, out, caller.actor, now);
  if (!owner) return owner.error();
  if (!owner->password_hash.empty()) return accounts_.send_reset(tx, out, *owner, now, caller.traceparent);
  return accounts_.send_welcome(tx, out, *owner, client->version, "resend/" + new_uuid(now), now, caller.traceparent);
}

}  // namespace carillon::provisioning
