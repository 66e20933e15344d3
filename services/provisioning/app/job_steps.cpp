#include "provisioning/app/job_steps.hpp"

#include <stdexcept>

#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"

namespace carillon::provisioning {
namespace {

void mark_provisioned(ProvisioningJob& job, Client& client, pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  if (!client.is_provisioned()) {
    client.onboarding_status = provisioned;
    update_client(tx, out, client, now);
  }
  job.client_version = client.version;
  AuditFacts facts{"PROVISIONING_COMPLETED", std::string(event_source), "client", client.id, client.id, "OK"};
  facts.details = {{"job_id", job.id}, {"version", std::to_string(client.version)}};
  publish_audit(out, std::move(facts), now);
}

}  // namespace

Result<security::Account> invitable_owner(const Client& client, const Accounts& accounts, pg::Transaction& tx,
                                          bus::Outbox& out, std::string_view actor, UtcTime now) {
  if (client.contacts.email.empty())
    return Failure{"CLIENT_HAS_NO_EMAIL", "contacts.email: is needed for the owner's account"};
  if (!accounts.can_make_links())
    return Failure{"PUBLIC_URL_MISSING", "CARILLON_PUBLIC_URL is not set, so no link to this platform can be made"};
  auto made = accounts.create_account(tx, out, client.contacts.email, security::Role::OWNER, client.id, actor, now);
  if (!made) return made.error();
  return std::move(made->account);
}

Result<ProvisioningJob> take_step(const ProvisioningJob& job, Client& client, const Accounts& accounts,
                                  pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  ProvisioningJob next = job;
  switch (job.step) {
    case JobStep::CREATE_PORTAL_USER: {
      const auto owner = invitable_owner(client, accounts, tx, out, event_source, now);
      if (!owner) return owner.error();
      next.account_id = owner->id;
      return next;
    }
    case JobStep::MARK_PROVISIONED:
      mark_provisioned(next, client, tx, out, now);
      return next;
    case JobStep::SEND_WELCOME: {
      // Asked for again: between the steps an operator may have given the client another address.
      const auto owner = invitable_owner(client, accounts, tx, out, event_source, now);
      if (!owner) return owner.error();
      next.account_id = owner->id;
      accounts.send_welcome(tx, out, *owner, job.client_version, "job/" + job.id + "/welcome", now);
      return next;
    }
  }
  throw std::logic_error("no such step");
}

}  // namespace carillon::provisioning
