#include "provisioning/app/login_attempts.hpp"

#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

std::optional<std::chrono::seconds> count_try(pg::Transaction& tx, const CountedTry& one, UtcTime now) {
  if (one.limit.count == 0) return std::nullopt;
  pg::Params params;
  params.add(one.kind).add(one.key).add(moved_on({}, one.limit.window, now).began);
  params.add(std::int64_t{std::chrono::microseconds(one.limit.window).count()}).add(one.limit.count);
  const auto row = tx.run(provisioning_sql::count_login_try, params)[0];
  const auto wait = wait_after(
      {pg::to_utc(row["began_at"].c_str()), row["current"].as<std::int64_t>(), row["previous"].as<std::int64_t>()},
      one.limit, now);
  if (wait) take_back(tx, one);  // it was none, so it does not prolong the wait
  return wait;
}

}  // namespace

std::optional<std::chrono::seconds> count_tries(pg::Transaction& tx, const Tries& tries, UtcTime now) {
  if (const auto wait = count_try(tx, tries.of_ip, now)) return wait;
  return count_try(tx, tries.of_account, now);
}

void take_back(pg::Transaction& tx, const CountedTry& one) {
  tx.run(provisioning_sql::take_back_login_try, pg::Params().add(one.kind).add(one.key));
}

void forget_tries(pg::Transaction& tx, const std::string& kind, const std::string& key) {
  tx.run(provisioning_sql::forget_login_tries, pg::Params().add(kind).add(key));
}

int drop_old_tries(pg::Connection& connection, UtcTime now, int rows_max) {
  pg::Params params;
  params.add(now - 2 * rate_window_max).add(rows_max);
  return static_cast<int>(connection.run(provisioning_sql::drop_old_login_tries, params).affected_rows());
}

}  // namespace carillon::provisioning
