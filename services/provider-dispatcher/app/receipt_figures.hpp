// How many calls each provider accepts and how many receipts come back, by minute: counted in memory by this process
// and added up over all instances in dispatcher.receipt_minutes. What can't be written is counted again the next time;
// what a process that dies had counted is lost: these are figures, not records.
//
// Thread-safe; one mutex guards all, held for a few instructions.
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "provider-dispatcher/app/claim.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

class ReceiptFigures {
 public:
  struct Count {
    std::int64_t accepted = 0;
    std::int64_t receipts = 0;
  };
  using Minutes = std::map<std::pair<std::string, UtcTime>, Count>;  // by provider and minute

  // Only providers that receipts are set up for are counted.
  explicit ReceiptFigures(std::set<std::string> expected) : expected_(std::move(expected)) {}

  // Calls that were settled; those that were accepted count.
  void settled(std::span<const Finished> batch);
  void came(const std::string& provider, UtcTime now);
  Minutes take();
  void put_back(const Minutes& minutes);

  // Providers whose receipts stay away, as last judged.
  void set_missing(std::set<std::string> providers);
  bool missing(const std::string& provider) const;
  const std::set<std::string>& expected() const { return expected_; }

 private:
  const std::set<std::string> expected_;
  mutable std::mutex mutex_;
  Minutes minutes_;                // mutex_; a few per provider: taken every few seconds
  std::set<std::string> missing_;  // mutex_
};

}  // namespace carillon::dispatcher
