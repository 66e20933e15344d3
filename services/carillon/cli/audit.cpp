// carillon audit verify: recomputes every chain; needs CARILLON_DATABASE_URL and CARILLON_AUDIT_KEY.
#include <fstream>
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "health-aggregator/app/verify_audit_chain.hpp"
#include "health-aggregator/core/logged_head.hpp"
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

struct VerifyOptions {
  std::string heads_file;
  bool json = false;
};

std::vector<health::ChainHead> read_heads(const std::string& file, std::string_view key) {
  std::vector<health::ChainHead> heads;
  if (file.empty()) return heads;
  std::ifstream log(file);
  if (!log) throw CommandFailed{WRONG_USAGE, file + " can't be read"};
  health::ChainSigner signer(key);
  for (std::string line; std::getline(log, line);) {
    const auto head = health::read_logged_head(line, signer);
    if (!head) throw CommandFailed{REFUSED, file + ": " + head.error().detail};
    if (*head) heads.push_back(**head);
  }
  if (heads.empty()) throw CommandFailed{REFUSED, file + " holds no AUDIT_CHAIN_HEAD"};
  return heads;
}

void verify(const VerifyOptions& options) {
  const bool json = options.json;
  pg::Connection connection(owner_connection());
  const std::string key = audit_key();
  const auto found = health::verify_audit_chain(connection, key, read_heads(options.heads_file, key));
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
  auto options = std::make_shared<VerifyOptions>();
  auto* audit = app.add_subcommand("audit", "The audit trail: carillon audit verify")->require_subcommand(1);
  auto* check = audit->add_subcommand("verify", "recompute every chain of the audit log");
  check->add_option("--heads", options->heads_file,
                    "a log of the health-aggregator: the AUDIT_CHAIN_HEAD lines in it have to be in the chains too");
  check->add_flag("--json", options->json, "one JSON object");
  check->callback([options] { verify(*options); });
}

}  // namespace carillon::cli
