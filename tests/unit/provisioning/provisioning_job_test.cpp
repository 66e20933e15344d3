#include "provisioning/core/provisioning_job.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;
using namespace std::chrono_literals;

namespace {

constexpr UtcTime start = from_unix_micros(1'790'000'000'000'000);
constexpr int attempts_max = 5;

ProvisioningJob job() {
  return new_job("0194f0c0-0000-7000-8000-000000000001", "acme", start);
}

}  // namespace

TEST_CASE("provisioning job: account, provisioned, welcome, done") {
  ProvisioningJob next = job();
  std::vector<JobStep> taken;
  while (const auto step = due_step(next, start)) {
    taken.push_back(*step);
    next = stepped(next, start + 1s);
    next.next_attempt_at = start;
  }
  CHECK(taken == std::vector{JobStep::CREATE_PORTAL_USER, JobStep::MARK_PROVISIONED, JobStep::SEND_WELCOME});
  CHECK(next.status == JobStatus::DONE);
  CHECK(next.finished_at == start + 1s);
}

TEST_CASE("provisioning job: a failed step is tried again after growing pauses, then a person is asked") {
  ProvisioningJob next = job();
  std::vector<std::chrono::seconds> pauses;
  UtcTime now = start;
  for (int i = 1; i < attempts_max; ++i) {
    next = failed(next, "STEP_FAILED", true, attempts_max, now);
    CHECK(next.status == JobStatus::RUNNING);
    CHECK(next.attempts == i);
    pauses.push_back(std::chrono::duration_cast<std::chrono::seconds>(next.next_attempt_at - now));
    CHECK_FALSE(due_step(next, next.next_attempt_at - 1us));
    CHECK(due_step(next, next.next_attempt_at) == JobStep::CREATE_PORTAL_USER);
    now = next.next_attempt_at;
  }
  CHECK(pauses == std::vector<std::chrono::seconds>{10s, 30s, 2min, 10min});
  next = failed(next, "STEP_FAILED", true, attempts_max, now);
  CHECK(next.status == JobStatus::FAILED);
  CHECK(next.last_error == "STEP_FAILED");
  CHECK_FALSE(next.finished_at);
  CHECK_FALSE(due_step(next, now + 24h));
}

TEST_CASE("provisioning job: the last pause is used for all further tries") {
  ProvisioningJob next = job();
  for (int i = 0; i < 10; ++i) next = failed(next, "STEP_FAILED", true, 20, start);
  CHECK(next.next_attempt_at == start + 10min);
}

TEST_CASE("provisioning job: what trying again can't mend fails at once") {
  const ProvisioningJob next = failed(job(), "EMAIL_TAKEN", false, attempts_max, start);
  CHECK(next.status == JobStatus::FAILED);
  CHECK(next.attempts == 1);
}

TEST_CASE("provisioning job: a retry takes the step that failed, with all its tries") {
  ProvisioningJob next = stepped(job(), start);
  next = failed(next, "STEP_FAILED", true, 1, start);
  const auto again = retried(next, start + 1h);
  REQUIRE(again);
  CHECK(again->attempts == 0);
  CHECK(due_step(*again, start + 1h) == JobStep::MARK_PROVISIONED);
  CHECK_FALSE(retried(job(), start));
  CHECK_FALSE(retried(cancelled(job(), "CLIENT_DELETED", start), start));
}

TEST_CASE("provisioning job: a step's success clears its failures") {
  ProvisioningJob next = failed(job(), "STEP_FAILED", true, attempts_max, start);
  next = stepped(next, start + 10s);
  CHECK(next.attempts == 0);
  CHECK(next.last_error.empty());
  CHECK(next.step == JobStep::MARK_PROVISIONED);
}

TEST_CASE("provisioning job: one of a deleted client is over") {
  const ProvisioningJob next = cancelled(job(), "CLIENT_DELETED", start + 1s);
  CHECK(next.status == JobStatus::CANCELLED);
  CHECK(next.finished_at == start + 1s);
  CHECK_FALSE(due_step(next, start + 1h));
}

TEST_CASE("provisioning job: names of steps and statuses are read back") {
  for (const JobStep step : {JobStep::CREATE_PORTAL_USER, JobStep::MARK_PROVISIONED, JobStep::SEND_WELCOME})
    CHECK(find_job_step(name_of(step)) == step);
  for (const JobStatus status : {JobStatus::RUNNING, JobStatus::FAILED, JobStatus::DONE, JobStatus::CANCELLED})
    CHECK(find_job_status(name_of(status)) == status);
  CHECK_FALSE(find_job_step("X"));
  CHECK_FALSE(find_job_status(""));
}
