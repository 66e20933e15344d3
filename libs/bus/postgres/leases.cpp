#include "bus/postgres/leases.hpp"

#include "bus/postgres/topic_statements.hpp"
#include "bus_sql.hpp"
#include "service/log.hpp"

namespace carillon::bus {
namespace {

std::int64_t members_key(const std::string& group, const Topic& topic, Rank rank) {
  return group_lock_key(rank == Rank::FIRST ? group : group + " standby", topic);
}

int members(pg::Connection& session, std::int64_t key) {
  return session.run(bus_sql::count_members, pg::Params().add(key))[0][0].as<int>();
}

}  // namespace

Leases::Leases(std::string group, const Topic& topic, int partitions, Rank rank)
    : group_(std::move(group)), topic_(topic), partitions_(partitions), rank_(rank) {}

void Leases::forget() {
  for (const int partition : held_) {
    log::warn("bus.lease_lost", {{"group", group_}, {"topic", topic_.name}, {"partition", partition}});
  }
  held_.clear();
}

bool Leases::refresh(pg::Connection& session) {
  const std::set<int> before = held_;
  if (!session.is_open() || session.epoch() != joined_epoch_) {
    forget();
    session.run(bus_sql::join_group, pg::Params().add(members_key(group_, topic_, rank_)));
    joined_epoch_ = session.epoch();
  }
  const int share = fair_share(session);
  const int held = static_cast<int>(held_.size());
  if (held > share) give_back(session, held - share);
  if (held < share && held < partitions_) take(session, share - held);
  return held_ != before;
}

int Leases::fair_share(pg::Connection& session) const {
  if (rank_ == Rank::STANDBY && members(session, members_key(group_, topic_, Rank::FIRST)) > 0) return 0;
  const int of_rank = std::max(1, members(session, members_key(group_, topic_, rank_)));
  return (partitions_ + of_rank - 1) / of_rank;
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
