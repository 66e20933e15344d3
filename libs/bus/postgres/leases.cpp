#include "bus/postgres/leases.hpp"

#include "bus/postgres/topic_statements.hpp"
#include "bus_sql.hpp"
#include "service/log.hpp"

namespace carillon::bus {

Leases::Leases(std::string group, const Topic& topic, int partitions)
    : group_(std::move(group)), topic_(topic), partitions_(partitions) {}

void Leases::forget() {
  for (const int partition : held_) {
    log::warn("bus.lease_lost", {{"group", group_}, {"topic", topic_.name}, {"partition", partition}});
  }
  held_.clear();
}

bool Leases::refresh(pg::Connection& session) {
  const std::int64_t group_key = group_lock_key(group_, topic_);
  const std::set<int> before = held_;
  if (!session.is_open() || session.epoch() != joined_epoch_) {
    forget();
    session.run(bus_sql::join_group, pg::Params().add(group_key));
    joined_epoch_ = session.epoch();
  }
  const int members = std::max(1, session.run(bus_sql::count_members, pg::Params().add(group_key))[0][0].as<int>());
  const int fair_share = (partitions_ + members - 1) / members;
  const int held = static_cast<int>(held_.size());
  if (held > fair_share) give_back(session, held - fair_share);
  if (held < fair_share && held < partitions_) take(session, fair_share - held);
  return held_ != before;
}

void Leases::take(pg::Connection& session, int wanted) {
  pg::Array free;
  for (int partition = 0; partition < partitions_; ++partition) {
    if (!held_.contains(partition)) free.add(partition);
  }
  pg::Params params;
  params.add(std::int64_t{lease_lock_key(group_, topic_)}).add(std::move(free)).add(wanted);
  for (const auto& row : session.run(bus_sql::take_leases, params)) {
    held_.insert(row[0].as<int>());
    log::info("bus.lease_taken", {{"group", group_}, {"topic", topic_.name}, {"partition", row[0].as<int>()}});
  }
}

void Leases::give_back(pg::Connection& session, int excess) {
  pg::Array given;
  for (; excess > 0; --excess) {
    const int partition = *held_.rbegin();
    given.add(partition);
    held_.erase(partition);
    log::info("bus.lease_given_back", {{"group", group_}, {"topic", topic_.name}, {"partition", partition}});
  }
  session.run(bus_sql::give_back_leases,
              pg::Params().add(std::int64_t{lease_lock_key(group_, topic_)}).add(std::move(given)));
}

}  // namespace carillon::bus
