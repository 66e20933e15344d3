// carillon admin create|reset: operators' accounts; needs CARILLON_DATABASE_URL.
#include <cstdlib>
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "provisioning/app/accounts.hpp"
#include "provisioning/app/provisioning_events.hpp"

namespace carillon::cli {
namespace {

constexpr const char* actor = "operator/command line";

// Where the link leads: the address browsers reach, or else the one this command line calls.
std::string base_url() {
  for (const char* name : {"CARILLON_PUBLIC_URL", "CARILLON_URL"}) {
    const char* value = std::getenv(name);
    std::string url(value ? value : "");
    while (url.ends_with('/')) url.pop_back();
    if (!url.empty()) return url;
  }
  throw CommandFailed{WRONG_USAGE,
                      "set CARILLON_PUBLIC_URL to the address browsers reach; the link that is printed begins with it"};
}

provisioning::AuditFacts facts_of(const char* action, const security::Account& account) {
  provisioning::AuditFacts facts{action, actor, "account", account.id};
  facts.outcome = "DONE";
  facts.details = {{"role", "ADMIN"}};
  return facts;
}

security::Account make(pg::Transaction& tx, const std::string& email, UtcTime now) {
  const auto made = security::make_account(tx, email, security::Role::ADMIN, "", now);
  if (!made) throw CommandFailed{REFUSED, made.error().detail};
  if (!made->made)
    throw CommandFailed{REFUSED, "this address has an account already; `carillon admin reset EMAIL` prints a link"};
  return made->account;
}

security::Account find(pg::Transaction& tx, const std::string& email) {
  const auto account = security::find_account(tx, email);
  if (!account || account->role != security::Role::ADMIN)
    throw CommandFailed{REFUSED, "no ADMIN has this address; `carillon admin create EMAIL` makes an account"};
  return *account;
}

// One transaction with its audit entry; the link is printed once that is committed.
void print_link(const std::string& email, bool is_new) {
  const std::string base = base_url();
  const provisioning::AccountSettings lifetimes;
  const UtcTime now = SystemClock{}.now();
  pg::Connection connection(owner_connection());
  OwnerBus bus;
  pg::Transaction tx(connection);
  bus::Outbox out;
  const security::Account account = is_new ? make(tx, email, now) : find(tx, email);
  const std::string token = security::make_password_link(
      tx, account.id, is_new ? security::LinkPurpose::SET_PASSWORD : security::LinkPurpose::RESET_PASSWORD,
      is_new ? lifetimes.set_password_link : lifetimes.reset_password_link, now);
  provisioning::publish_audit(out, facts_of(is_new ? "ACCOUNT_CREATED" : "PASSWORD_LINK_MADE", account), now);
  bus->commit(out, tx);
  bus->wake(out);
  std::cout << base << "/set-password?t=" << token << '\n';
}

}  // namespace

void add_admin(CLI::App& app) {
  auto email = std::make_shared<std::string>();
  auto* command =
      app.add_subcommand("admin", "operators' accounts: carillon admin create ann@example.com")->require_subcommand(1);
  auto* make = command->add_subcommand("create", "make an ADMIN account and print the link that sets its password");
  make->add_option("email", *email, "the address they log in with")->required();
  make->callback([email] { print_link(*email, true); });
  auto* again = command->add_subcommand("reset", "print a new link for an ADMIN who forgot the password");
  again->add_option("email", *email, "the address they log in with")->required();
  again->callback([email] { print_link(*email, false); });
}

}  // namespace carillon::cli
