#include "provider-dispatcher/app/receipt_figures.hpp"

namespace carillon::dispatcher {

void ReceiptFigures::settled(std::span<const Finished> batch) {
  if (expected_.empty()) return;
  const std::lock_guard lock(mutex_);
  for (const Finished& finished : batch) {
    const bool accepted =
        finished.how == Finished::How::ANSWERED && finished.called && finished.outcome.kind == OutcomeKind::ACCEPTED;
    const std::string& provider = finished.claim->provider_name;
    if (accepted && expected_.contains(provider)) ++minutes_[{provider, floor_minute(finished.at)}].accepted;
  }
}

void ReceiptFigures::came(const std::string& provider, UtcTime now) {
  if (!expected_.contains(provider)) return;
  const std::lock_guard lock(mutex_);
  ++minutes_[{provider, floor_minute(now)}].receipts;
}

ReceiptFigures::Minutes ReceiptFigures::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(minutes_, {});
}

void ReceiptFigures::put_back(const Minutes& minutes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : minutes) {
    minutes_[key].accepted += count.accepted;
    minutes_[key].receipts += count.receipts;
  }
}

void ReceiptFigures::set_missing(std::set<std::string> providers) {
  const std::lock_guard lock(mutex_);
  missing_ = std::move(providers);
}

bool ReceiptFigures::missing(const std::string& provider) const {
  const std::lock_guard lock(mutex_);
  return missing_.contains(provider);
}

}  // namespace carillon::dispatcher
