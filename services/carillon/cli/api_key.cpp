// carillon api-key create|revoke: needs CARILLON_DATABASE_URL.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "security/api_keys.hpp"

namespace carillon::cli {
namespace {

struct KeyOptions {
  std::string owner, id;
  std::vector<std::string> scopes{"notifications:send", "notifications:read"};
};

void create(const KeyOptions& options) {
  pg::Connection connection(owner_connection());
  std::cout << security::create_api_key(connection, options.owner, options.scopes, SystemClock{}.now()) << '\n';
}

void revoke(const KeyOptions& options) {
  pg::Connection connection(owner_connection());
  if (!security::revoke_api_key(connection, options.id, SystemClock{}.now()))
    throw CommandFailed{REFUSED, "no key with the id '" + options.id +
                                     "' is in force (the id is the middle part of crl_<id>_<secret>)"};
}

}  // namespace

void add_api_key(CLI::App& app) {
  auto options = std::make_shared<KeyOptions>();
  auto* command = app.add_subcommand("api-key", "API keys: carillon api-key create billing --scope notifications:send")
                      ->require_subcommand(1);
  auto* make = command->add_subcommand("create", "make a key and print it once");
  make->add_option("owner", options->owner, "who uses it; the scope of its idempotency keys")->required();
  make->add_option("--scope", options->scopes, "repeatable; default: notifications:send and notifications:read")
      ->check(CLI::IsMember(
          {"notifications:send", "notifications:read", "metrics:write", "otp", "onboarding", "preferences", "admin"}));
  make->callback([options] { create(*options); });
  auto* end = command->add_subcommand("revoke", "end a key; it stops working within 30 s");
  end->add_option("id", options->id, "the middle part of crl_<id>_<secret>")->required();
  end->callback([options] { revoke(*options); });
}

}  // namespace carillon::cli
