// Everything of clients in one piece: the directory and its topic, what billing changes, and the jobs that provision.
#pragma once
#include <memory>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/apply_billing.hpp"
#include "provisioning/app/client_topic.hpp"
#include "provisioning/app/edit_clients.hpp"
#include "provisioning/app/manage_jobs.hpp"
#include "provisioning/app/resend_invite.hpp"
#include "provisioning/app/run_jobs.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

class ClientDesk {
 public:
  // All arguments outlive it. `own_role`: of the connections it opens itself.
  ClientDesk(int step_attempts_max, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
             const Accounts& accounts, const std::string& own_role);
  void routes(http::Router& router);
  service::ReadyCheck ready_check();
  void start();
  void stop();

  // Clients may be changed: what the topic says of them is known.
  bool settled() const { return topic_.settled(); }
  // The guard, and behind it 503 for whatever is no GET until then.
  http::Guard changes_when_settled(http::Guard guard);

 private:
  service::Platform& platform_;
  ClientTopic topic_;
  RunJobs run_jobs_;
  EditClients clients_;
  ManageJobs jobs_;
  ResendInvite resend_;
  ApplyBilling billing_;
  std::unique_ptr<bus::Consumer> billing_consumer_;
};

}  // namespace carillon::provisioning
