// Sends, checks and step-up tokens: many requests, one commit. Requests wait in a bounded queue; one thread takes what
// is there, locks and reads the state of all their recipients, decides one after the other, stores state, audit entries
// and send requests together and answers each only then. So an attempt is spent before anybody learns whether the code
// was right, however many ask at once and on however many instances.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered request.
#pragma once
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "otp/app/otp_request.hpp"
#include "otp/app/state_book.hpp"
#include "otp/core/check_decision.hpp"
#include "otp/core/rules.hpp"
#include "otp/core/send_decision.hpp"
#include "security/seal.hpp"
#include "service/gather.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::otp {

class AnswerRequests {
 public:
  // `pepper` "": every request is answered NOT_CONFIGURED, and audited.
  AnswerRequests(pg::ConnectionSettings connection, bus::Bus& bus, const security::Sealer& sealer, const Clock& clock,
                 const Rules& rules, std::string pepper, service::GatherLimits limits, metrics::Registry& metrics);
  void start() { gather_.start(); }
  void stop() { gather_.stop(); }
  bool offer(OtpRequest&& request) { return gather_.offer(std::move(request)); }

 private:
  struct Batch;
  void process(std::vector<OtpRequest>& requests);
  std::vector<OtpAnswer> commit(const std::vector<OtpRequest>& requests);
  void want(StateBook& book, const OtpRequest& request) const;
  OtpAnswer answer(Batch& batch, const OtpRequest& request);
  OtpAnswer refuse(Batch& batch, const OtpRequest& request, const Failure& failure);
  OtpAnswer send(Batch& batch, const OtpRequest& request);
  void send_code(Batch& batch, const OtpRequest& request, const std::string& hash);
  OtpAnswer check(Batch& batch, const OtpRequest& request);
  OtpAnswer accept_code(Batch& batch, const OtpRequest& request, const std::string& hash);
  OtpAnswer redeem(Batch& batch, const OtpRequest& request);
  void count(OtpKind kind, const char* result);

  pg::Connection connection_;  // batch thread only
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  const Clock& clock_;
  const Rules& rules_;
  const std::string pepper_;
  metrics::Registry& metrics_;
  metrics::Histogram commit_seconds_;
  service::Gather<OtpRequest> gather_;
};

}  // namespace carillon::otp
