// The SES account of the environment: `oracle-ses-account status` or `oracle-ses-account verify ADDRESS`. Prints
// {"verification"}, the figures of the status, or {"error", "detail"}.
#include <fmt/format.h>

#include <future>
#include <iostream>

#include "oracles/json_lines.hpp"
#include "provider-dispatcher/adapters/providers/ses/account.hpp"
#include "time/clock.hpp"

namespace {

using namespace carillon;
using namespace carillon::dispatcher;

std::string failed(const Failure& failure) {
  return oracle::object_of({{"error", failure.code}, {"detail", failure.detail}});
}

std::string status(const ses::Account& account, UtcTime now) {
  std::promise<Result<ses::AccountStatus>> promise;
  account.status(now, [&](Result<ses::AccountStatus> result) { promise.set_value(std::move(result)); });
  const auto result = promise.get_future().get();
  if (!result) return failed(result.error());
  return fmt::format(R"({{"production":{},"sending_enabled":{},"per_day":{},"per_second":{},"sent":{}}})",
                     result->production, result->sending_enabled, result->sends_per_day_max,
                     result->sends_per_second_max, result->sent_last_day);
}

std::string verify(const ses::Account& account, const std::string& address, UtcTime now) {
  std::promise<Result<ses::Verification>> promise;
  account.verify_sender(address, now, [&](Result<ses::Verification> result) { promise.set_value(std::move(result)); });
  const auto result = promise.get_future().get();
  if (!result) return failed(result.error());
  return oracle::object_of({{"verification", *result == ses::Verification::VERIFIED ? "VERIFIED" : "PENDING"}});
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (!(what == "status" && argc == 2) && !(what == "verify" && argc == 3))
    throw std::runtime_error("usage: oracle-ses-account status | verify ADDRESS");
  http::Runtime io;
  http::Client client(io);
  service::Settings settings(service::process_environment());
  const auto amazon = std::make_shared<const aws::SignedCalls>(aws::AwsSettings::read(settings), client, io);
  const ses::Account account(SesSettings::read(settings), amazon);
  settings.finish();
  const UtcTime now = SystemClock().now();
  std::cout << (what == "status" ? status(account, now) : verify(account, argv[2], now)) << '\n';
}
