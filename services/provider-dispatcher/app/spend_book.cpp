#include "provider-dispatcher/app/spend_book.hpp"

namespace carillon::dispatcher {

SpendBook::SpendBook(const Roster& roster, SpendSettings settings)
    : roster_(roster),
      settings_(std::move(settings)),
      lines_(roster.size()),
      reached_(std::make_unique<std::atomic<bool>[]>(roster.size())) {}

void SpendBook::add(const Units& units, UtcTime at) {
  const Month month = month_of(at);
  const std::lock_guard lock(mutex_);
  if (month < month_) return;
  if (month > month_) {
    month_ = month;
    std::ranges::fill(lines_, Line{});
  }
  for (const auto& [name, count] : units) {
    const ProviderIndex provider = roster_.find(name);
    if (provider == unknown_provider) continue;
    lines_[provider].added += count;
    lines_[provider].recent += count;
  }
  look_at_limits();
}

void SpendBook::begin_reading() {
  const std::lock_guard lock(mutex_);
  for (Line& line : lines_) line.recent = 0;
}

void SpendBook::renew(Month month, const Units& units) {
  const std::lock_guard lock(mutex_);
  if (month < month_) return;  // a new month has begun while it was read
  const bool same = month == month_;
  month_ = month;
  for (ProviderIndex i = 0; i < lines_.size(); ++i) {
    const auto found = units.find(roster_[i].name);
    lines_[i].read = found == units.end() ? 0 : found->second;
    lines_[i].added = same ? lines_[i].recent : 0;
  }
  look_at_limits();
}

std::vector<bool> SpendBook::limits_reached() const {
  std::vector<bool> reached(roster_.size());
  for (ProviderIndex i = 0; i < reached.size(); ++i) reached[i] = limit_reached(i);
  return reached;
}

std::vector<SpendBook::Standing> SpendBook::standings() const {
  std::vector<Standing> standings;
  const std::lock_guard lock(mutex_);
  for (ProviderIndex i = 0; i < lines_.size(); ++i) {
    const auto limit = settings_.limits.find(roster_[i].name);
    if (limit != settings_.limits.end()) standings.push_back({roster_[i].name, spent_of(i), limit->second});
  }
  return standings;
}

MicroUsd SpendBook::spent(ProviderIndex provider) const {
  const std::lock_guard lock(mutex_);
  return spent_of(provider);
}

MicroUsd SpendBook::spent_of(ProviderIndex provider) const {
  const Line& line = lines_[provider];
  return cost_of(settings_.prices.find(roster_[provider].name), line.read + line.added).amount;
}

void SpendBook::look_at_limits() {
  for (ProviderIndex i = 0; i < lines_.size(); ++i) {
    const auto limit = settings_.limits.find(roster_[i].name);
    reached_[i] = limit != settings_.limits.end() && spent_of(i) >= limit->second;
  }
}

}  // namespace carillon::dispatcher
