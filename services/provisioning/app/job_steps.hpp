// The steps of a provisioning job. Each does its work in the transaction in which the job moves on, so that both
// happen or neither does, however often it is begun.
#pragma once
#include "bus/outbox.hpp"
#include "postgres/connection.hpp"
#include "provisioning/app/accounts.hpp"
#include "provisioning/core/client.hpp"
#include "provisioning/core/provisioning_job.hpp"

namespace carillon::provisioning {

// The owner's account at the client's address, made when there is none. Failures, which trying again can't mend:
// CLIENT_HAS_NO_EMAIL, EMAIL_TAKEN (the address has an account of another role or client), ACCOUNT_CLOSED,
// PUBLIC_URL_MISSING (no link can be made).
Result<security::Account> invitable_owner(const Client& client, const Accounts& accounts, pg::Transaction& tx,
                                          bus::Outbox& out, std::string_view actor, UtcTime now);

// Takes `job.step` for `client`, whose row is locked; the job with what the step learned (account_id, client_version).
// Failures of invitable_owner.
Result<ProvisioningJob> take_step(const ProvisioningJob& job, Client& client, const Accounts& accounts,
                                  pg::Transaction& tx, bus::Outbox& out, UtcTime now);

}  // namespace carillon::provisioning
