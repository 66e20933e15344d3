#include "provider-dispatcher/app/capacity.hpp"

#include <algorithm>

namespace carillon::dispatcher {

namespace {
constexpr double latency_weight = 1.0 / 32;
constexpr std::chrono::microseconds latency_assumed{50'000};  // until the first answers
// A provider that finishes fewer calls than this in the wait is not waited for.
constexpr int calls_worth_waiting_for = 100;
}  // namespace

Capacity::Capacity(const Roster& roster) : lines_(roster.size()) {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    lines_[i].concurrency = roster[i].concurrency_max;
    lines_[i].rated = roster[i].rate_per_second > 0;
    lines_[i].latency_mean_us = static_cast<double>(latency_assumed.count());
    lines_[i].backlog = roster[i].configured;  // until the first look at the table says otherwise
  }
}

int Capacity::limit(const Line& line) const {
  return claims_max(line.concurrency, line.pace.per_second());
}

int Capacity::take(ProviderIndex provider, int wanted, int reserve) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[provider];
  const int places = std::clamp(limit(line) + reserve - line.held, 0, std::max(wanted, 0));
  line.held += places;
  return places;
}

void Capacity::give_back(ProviderIndex provider, int places) {
  if (places == 0) return;
  {
    const std::lock_guard lock(mutex_);
    lines_[provider].held -= places;
  }
  changed_.notify_all();
}

void Capacity::observe_call(ProviderIndex provider, std::chrono::microseconds latency, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[provider];
  line.pace.one_call(now);
  line.silent = false;
  ++line.answers;
  double& mean = line.latency_mean_us;
  mean += (static_cast<double>(latency.count()) - mean) * latency_weight;
}

int Capacity::held(ProviderIndex provider) const {
  const std::lock_guard lock(mutex_);
  return lines_[provider].held;
}

void Capacity::note_backlog(ProviderIndex provider) {
  const std::lock_guard lock(mutex_);
  lines_[provider].backlog = true;
  ++lines_[provider].backlog_noted;
}

bool Capacity::backlog(ProviderIndex provider) const {
  const std::lock_guard lock(mutex_);
  return lines_[provider].backlog;
}

std::uint64_t Capacity::backlog_seen(ProviderIndex provider) const {
  const std::lock_guard lock(mutex_);
  return lines_[provider].backlog_noted;
}

void Capacity::clear_backlog(ProviderIndex provider, std::uint64_t seen) {
  {
    const std::lock_guard lock(mutex_);
    if (lines_[provider].backlog_noted != seen) return;
    lines_[provider].backlog = false;
  }
  changed_.notify_all();
}

bool Capacity::any_backlog() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(lines_.begin(), lines_.end(), [](const Line& line) { return line.backlog; });
}

bool Capacity::worth_waiting(const Line& line, std::chrono::milliseconds wait) const {
  if (line.rated || line.silent || line.held == 0) return false;
  const bool full = line.backlog || line.held * 2 > limit(line);
  const double wait_us = static_cast<double>(std::chrono::microseconds(wait).count());
  return full && line.concurrency * wait_us / std::max(line.latency_mean_us, 1.0) >= calls_worth_waiting_for;
}

bool Capacity::wait_for_places(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  const auto is_worth = [&](const Line& line) { return worth_waiting(line, wait); };
  std::vector<std::uint64_t> answers_before;
  for (const Line& line : lines_) answers_before.push_back(line.answers);
  if (changed_.wait_for(lock, wait, [&] { return std::none_of(lines_.begin(), lines_.end(), is_worth); })) return true;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_worth(lines_[i]) && lines_[i].answers == answers_before[i]) lines_[i].silent = true;
  }
  return false;
}

}  // namespace carillon::dispatcher
