// carillon serve: everything in one process. carillon migrate: schemas, roles and grants only.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "carillon/platform_services.hpp"

namespace carillon::cli {

void add_serve(CLI::App& app) {
  app.add_subcommand("serve", "Run all services in this process; settings come from the environment (carillon config)")
      ->callback([] {
        const int code = service::run_app(whole_platform());
        if (code != 0) throw CommandFailed{static_cast<ExitCode>(code), ""};
      });
  app.add_subcommand("migrate", "Bring the database of CARILLON_DATABASE_URL up to date")->callback([] {
    pg::Connection owner(owner_connection());
    migrate_platform(owner);
    std::cout << "the database is up to date\n";
  });
}

}  // namespace carillon::cli
