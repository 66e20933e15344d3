// carillon template list
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"

namespace carillon::cli {
namespace {

void list_templates(bool json) {
  Api api;
  const auto answer = api.get("/api/admin/templates");
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : answer["templates"].GetArray()) {
    if (json) std::cout << to_line(entry) << '\n';
    rows.push_back({text_of(entry, "key"), text_of(entry, "channel"), text_of(entry, "audience"),
                    text_of(entry, "active_version"), text_of(entry, "active") == "true" ? "active" : "inactive",
                    text_of(entry, "priority")});
  }
  if (!json) std::cout << table({"KEY", "CHANNEL", "AUDIENCE", "VERSION", "STATE", "PRIORITY"}, rows);
}

}  // namespace

void add_template(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("template", "Templates: carillon template list")->require_subcommand(1);
  auto* list = command->add_subcommand("list", "all templates with their active version");
  list->add_flag("--json", *json, "one JSON object a line");
  list->callback([json] { list_templates(*json); });
}

}  // namespace carillon::cli
