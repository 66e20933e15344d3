// carillon: the whole platform in one process (`carillon serve`) and its command line.
#include <exception>
#include <iostream>

#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "postgres/errors.hpp"

int main(int argc, char** argv) {
  using namespace carillon;
  CLI::App app{"Carillon: one pipe for every e-mail, SMS and chat message"};
  app.require_subcommand(1);
  app.set_version_flag("--version", CARILLON_VERSION);
  for (const auto add :
       {cli::add_serve,        cli::add_send,  cli::add_message,  cli::add_client,      cli::add_template,
        cli::add_config,       cli::add_bus,   cli::add_dlq,      cli::add_api_key,     cli::add_audit,
        cli::add_kafka,        cli::add_cost,  cli::add_provider, cli::add_suppression, cli::add_ses,
        cli::add_provisioning, cli::add_admin, cli::add_pool,     cli::add_billing,     cli::add_job})
    add(app);
  try {
    app.parse(argc, argv);
    return cli::DONE;
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    return cli::WRONG_USAGE;
  } catch (const cli::CommandFailed& failed) {
    if (!failed.message.empty()) std::cerr << "carillon: " << failed.message << '\n';
    return failed.code;
  } catch (const pg::Unavailable& unavailable) {
    std::cerr << "carillon: the database can't be reached (CARILLON_DATABASE_URL): " << unavailable.what() << '\n';
    return cli::NOT_REACHABLE;
  } catch (const std::exception& error) {
    std::cerr << "carillon: " << error.what() << '\n';
    return cli::REFUSED;
  }
}
