// The commands: each adds itself to the command line. One file a noun.
#pragma once
#include <CLI/CLI.hpp>

namespace carillon::cli {

void add_serve(CLI::App& app);         // serve, migrate
void add_send(CLI::App& app);          // send
void add_message(CLI::App& app);       // message show|watch
void add_held(CLI::App& message);      // message held|resolve
void add_client(CLI::App& app);        // client put|show|list|remove|resend-invite|republish
void add_template(CLI::App& app);      // template list
void add_config(CLI::App& app);        // config
void add_bus(CLI::App& app);           // bus publish
void add_dlq(CLI::App& app);           // dlq list
void add_admin(CLI::App& app);         // admin create|reset
void add_api_key(CLI::App& app);       // api-key create|revoke
void add_audit(CLI::App& app);         // audit verify
void add_job(CLI::App& app);           // job list|run
void add_kafka(CLI::App& app);         // kafka topics|ship-again
void add_cost(CLI::App& app);          // cost show|compare
void add_pool(CLI::App& app);          // pool seed|add|stats|waiting|recent
void add_provider(CLI::App& app);      // provider check
void add_provisioning(CLI::App& app);  // provisioning list|retry
void add_recipient(CLI::App& app);     // recipient erase
void add_ses(CLI::App& app);           // ses status|verify-sender
void add_suppression(CLI::App& app);   // suppression list|add|remove
void add_billing(CLI::App& app);       // billing events|show|replay

}  // namespace carillon::cli
