#include "provider-dispatcher/adapters/providers/smtp/client.hpp"

#include "provider-dispatcher/adapters/providers/answer_detail.hpp"
#include "provider-dispatcher/adapters/providers/http_answer.hpp"
#include "provider-dispatcher/adapters/providers/smtp/session.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t waiting_max = 1'000;  // the dispatcher keeps to concurrency_max; this bounds everybody else

Outcome not_sent(Reason reason, const char* detail) {
  Outcome outcome;
  outcome.kind = OutcomeKind::TRANSIENT;
  outcome.reason = reason;
  outcome.detail = detail;
  return outcome;
}

}  // namespace

SmtpClient::SmtpClient(SmtpSettings settings, const Clock& clock, CallLimits limits)
    : settings_(std::move(settings)), clock_(clock), limits_(limits) {
  if (!configured()) return;
  for (int i = 0; i < settings_.concurrency; ++i) workers_.emplace_back([this] { work(); });
}

SmtpClient::~SmtpClient() {
  std::deque<Job> unsent;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    unsent.swap(waiting_);
  }
  changed_.notify_all();
  for (Job& job : unsent) job.done(not_sent(Reason::CONNECTION, "the process is stopping"));
  for (std::thread& worker : workers_) worker.join();
}

void SmtpClient::send(const OutboundMessage& message, UtcTime now, std::function<void(Outcome)> done) {
  if (!parse_email(message.recipient)) return done(recipient_not_usable("the recipient is not one e-mail address"));
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && !workers_.empty() && waiting_.size() < waiting_max) {
      waiting_.push_back({message, now, clock_.steady(), std::move(done)});
      changed_.notify_one();
      return;
    }
  }
  done(not_sent(Reason::CONNECTION, "too many mails wait for a connection"));
}

std::optional<SmtpClient::Job> SmtpClient::next_job() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (stopping_) return std::nullopt;
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

void SmtpClient::work() {
  smtp::Session session(settings_, limits_, stopping_);
  while (auto job = next_job()) {
    Outcome outcome = clock_.steady() - job->began > limits_.timeout
                          ? not_sent(Reason::TIMEOUT, "waited too long for a connection")
                          : session.deliver(job->message, job->now);
    outcome.detail = safe_detail(outcome.detail, {settings_.pass, settings_.user});
    outcome.latency = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady() - job->began);
    job->done(std::move(outcome));
  }
}

}  // namespace carillon::dispatcher
