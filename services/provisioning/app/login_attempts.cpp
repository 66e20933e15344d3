#include "provisioning/app/login_attempts.hpp"

#include <array>

#include "provisioning_sql.hpp"
#include "values/lower_case.hpp"

namespace carillon::provisioning {
namespace {

std::optional<std::chrono::seconds> count_try(pg::Transaction& tx, const CountedTry& one, UtcTime now) {
  if (one.limit.count == 0) return std::nullopt;
  pg::Params params;
  params.add(one.kind).add(one.key).add(moved_on({}, one.limit.window, now).began);
  params.add(std::int64_t{std::chrono::microseconds(one.limit.window).count()}).add(one.limit.count);
  const auto row = tx.run(provisioning_sql::count_login_try, params)[0];
  return wait_after(
      {pg::to_utc(row["began_at"].c_str()), row["current"].as<std::int64_t>(), row["previous"].as<std::int64_t>()},
      one.limit, now);
}

}  // namespace

std::optional<std::chrono::seconds> count_tries(pg::Transaction& tx, const Tries& tries, UtcTime now) {
  const std::array<const CountedTry*, 3> all{&tries.of_ip, &tries.of_account_from_ip, &tries.of_account};
  for (auto one = all.begin(); one != all.end(); ++one) {
    const auto wait = count_try(tx, **one, now);
    if (!wait) continue;
    for (auto counted = all.begin(); counted <= one; ++counted) take_back(tx, **counted);  // it was none
    return wait;
  }
  return std::nullopt;
}

void take_back(pg::Transaction& tx, const CountedTry& one) {
  if (one.limit.count == 0) return;
  tx.run(provisioning_sql::take_back_login_try, pg::Params().add(one.kind).add(one.key));
}

void forget_tries(pg::Transaction& tx, const CountedTry& one) {
  tx.run(provisioning_sql::forget_login_tries, pg::Params().add(one.kind).add(one.key));
}

Tries login_tries(const std::string& email, const std::string& client_address, const security::Sealer& sealer,
                  const LoginLimits& limits) {
  const std::string account = lower_case(email);
  return {{"login_ip", sealer.reference(client_address), limits.logins_per_ip},
          {"login_account_ip", sealer.reference(account + "\n" + client_address), limits.logins_per_account},
          {"login_account", sealer.reference(account), limits.logins_per_account_total}};
}

int drop_old_tries(pg::Connection& connection, UtcTime now, int rows_max) {
  pg::Params params;
  params.add(now - 2 * rate_window_max).add(rows_max);
  return static_cast<int>(connection.run(provisioning_sql::drop_old_login_tries, params).affected_rows());
}

}  // namespace carillon::provisioning
