// carillon audit verify: recomputes every chain; needs CARILLON_DATABASE_URL and CARILLON_AUDIT_KEY.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "health-aggregator/app/verify_audit_chain.hpp"
#include "health-aggregator/settings.hpp"
#include "http/message.hpp"

namespace carillon::cli {
namespace {

// 32 raw bytes, read and checked as the service does it.
std::string audit_key() {
  service::Settings settings(
      {{"CARILLON_AUDIT_KEY",
        required_environment("CARILLON_AUDIT_KEY", "it is the key the health-aggregator signs with")}});
  const auto key = health::HealthSettings::read(settings).audit_key;
  settings.finish();
  return key;
}

void verify(bool json) {
  pg::Connection connection(owner_connection());
  const auto found = health::verify_audit_chain(connection, audit_key());
  if (json) {
    std::cout << "{\"rows\":" << found.rows << ",\"chains\":" << found.ends.size() << ",\"heads\":" << found.heads
              << ",\"intact\":" << (found.broken ? "false" : "true");
    if (found.broken)
      std::cout << ",\"broken\":{\"partition\":" << found.broken->partition
                << ",\"chain_seq\":" << found.broken->chain_seq << ",\"why\":" << http::json_string(found.broken->why)
                << "}";
    std::cout << "}\n";
  }
  if (found.broken)
    throw CommandFailed{REFUSED, "the audit log is broken at partition " + std::to_string(found.broken->partition) +
                                     ", row " + std::to_string(found.broken->chain_seq) + ": " + found.broken->why};
  if (!json)
    std::cout << "intact: " << found.rows << " rows in " << found.ends.size() << " chains, " << found.heads
              << " signed heads\n";
}

}  // namespace

void add_audit(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  auto* audit = app.add_subcommand("audit", "The audit trail: carillon audit verify")->require_subcommand(1);
  auto* check = audit->add_subcommand("verify", "recompute every chain of the audit log");
  check->add_flag("--json", *json, "one JSON object");
  check->callback([json] { verify(*json); });
}

}  // namespace carillon::cli
